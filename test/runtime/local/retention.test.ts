import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  localRuntime,
  type LocalRuntime,
  type LocalRuntimeOptions,
} from '../../../shared/runtime/local/local-runtime.ts';
import {
  memoryStorage,
  sqliteStorage,
  StorageFormError,
  type LocalStorage,
} from '../../../shared/runtime/local/local-storage.ts';
import { hostOf, NONE, readers } from './support/reading-topology.ts';

const START_MS = Date.UTC(2030, 0, 1);
const HOUR_MS = 3_600_000;

const folder = mkdtempSync(join(tmpdir(), 'millrace-retention-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
let files = 0;
const newFile = (): string => join(folder, `${String(files++)}.db`);

const storages: Readonly<Record<string, () => LocalStorage>> = {
  memory: memoryStorage,
  SQLite: () => sqliteStorage(newFile()),
};

/** Records that a stream still keeps. */
const kept = ({ storage: { log } }: LocalRuntime): number =>
  log.shards('lines').reduce((sum, { shardId }) => sum + log.count('lines', shardId, undefined), 0);

describe.each(Object.entries(storages))('in %s', (_name, open) => {
  const started = (take: Parameters<typeof hostOf>[0], options: Partial<LocalRuntimeOptions> = {}) => {
    const clock = { nowMs: START_MS };
    const storage = open();
    const make = (): LocalRuntime =>
      localRuntime({ topology: readers, storage, nowMs: () => clock.nowMs, host: hostOf(take), ...options });
    return { clock, storage, make, runtime: make() };
  };

  test('what every processor has passed is forgotten', async () => {
    const { runtime, storage } = started(() => NONE);
    runtime.produce('lines', 'a', ['a 1', 'a 2']);
    runtime.produce('lines', 'b', ['b 1']);
    expect(kept(runtime)).toBe(2);
    await runtime.drain();
    runtime.checkpoint();
    runtime.trim();
    expect(kept(runtime)).toBe(0);
    storage.close();
  });

  test('the log is trimmed to the slowest processor: one that is held loses nothing', async () => {
    const taken: string[] = [];
    let isHeld = true;
    const { clock, storage, make, runtime } = started((processor, texts) => {
      // The slow one has passed the first record, and stands at the second.
      const held = processor === 'test/slow' && isHeld ? texts.indexOf('2') : NONE;
      taken.push(...texts.slice(0, held === NONE ? texts.length : held).map((text) => `${processor} ${text}`));
      return held;
    });
    for (const text of ['1', '2', '3']) runtime.produce('lines', 'a', [text]);
    await runtime.drain();
    runtime.checkpoint();
    runtime.trim();
    expect(taken).toEqual(['test/fast 1', 'test/fast 2', 'test/fast 3', 'test/slow 1']);
    expect(kept(runtime)).toBe(2);
    isHeld = false;
    clock.nowMs += 1_000;
    // Another process continues.
    const again = make();
    await again.drain();
    expect(taken.slice(4)).toEqual(['test/slow 2', 'test/slow 3']);
    again.checkpoint();
    again.trim();
    expect(kept(again)).toBe(0);
    storage.close();
  });

  test('what is held until the record age is a dead letter; retries are not counted', async () => {
    let attempts = 0;
    const { clock, storage, runtime } = started((processor) => (processor === 'test/slow' ? (attempts++, 0) : NONE));
    runtime.produce('lines', 'a', ['a 1']);
    for (let dueMs = await runtime.drain(); dueMs !== undefined;) {
      expect(Array.from(runtime.outputs.deadLetters())).toEqual([]);
      clock.nowMs = dueMs;
      dueMs = await runtime.drain();
    }
    expect(attempts).toBeGreaterThan(1_000);
    expect(clock.nowMs - START_MS).toBeGreaterThan(23 * HOUR_MS);
    expect(clock.nowMs - START_MS).toBeLessThan(24 * HOUR_MS);
    const [letter, ...others] = Array.from(runtime.outputs.deadLetters(), (json): unknown => JSON.parse(json));
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      processor: 'test/slow',
      reason: 'given-up',
      payload: Buffer.from('a 1').toString('base64'),
    });
    expect(runtime.givenUp().get('test/slow')).toBe(1);
    storage.close();
  });

  test('a record older than the retention is forgotten though a processor has not passed it', async () => {
    const { clock, storage, runtime } = started((processor) => (processor === 'test/slow' ? 0 : NONE), {
      retentionSeconds: 7_200,
      mapping: { maximumRecordAgeInSeconds: -1, streamRetentionSeconds: 1_000_000 },
    });
    runtime.produce('lines', 'a', ['old']);
    await runtime.drain();
    clock.nowMs += HOUR_MS;
    runtime.produce('lines', 'a', ['young']);
    clock.nowMs += HOUR_MS;
    runtime.trim();
    expect(kept(runtime)).toBe(2);
    clock.nowMs += 1;
    runtime.trim();
    expect(kept(runtime)).toBe(1);
    storage.close();
  });

  test('in a replay nothing is too old, whatever the arrivals and the clock say', async () => {
    let isHeld = true;
    const { clock, storage, runtime } = started((processor) => (processor === 'test/slow' && isHeld ? 0 : NONE));
    runtime.produce('lines', 'a', ['1'], Date.UTC(1950, 0, 1));
    await runtime.drain();
    runtime.produce('lines', 'a', ['2'], Date.UTC(2020, 0, 1));
    clock.nowMs += 1_000 * HOUR_MS;
    await runtime.drain();
    runtime.checkpoint();
    runtime.trim();
    expect(kept(runtime)).toBe(2);
    isHeld = false;
    clock.nowMs += HOUR_MS;
    await runtime.drain();
    runtime.trim();
    expect([kept(runtime), Array.from(runtime.outputs.deadLetters())]).toEqual([0, []]);
    storage.close();
  });

  test('state that was deleted a retention ago is forgotten, but not while a record waits', async () => {
    let isHeld = true;
    const { clock, storage, runtime } = started((processor) => (processor === 'test/slow' && isHeld ? 0 : NONE));
    const address = { collection: 'test/slow', partitionKey: 'a', key: 'k' };
    const deleted = { ...address, expected: 0, state: undefined, ledger: { lane: '1' }, timerMs: undefined };
    await storage.state.write([{ ...deleted, writtenAtMs: START_MS }]);
    clock.nowMs += 24 * HOUR_MS + 1;
    runtime.produce('lines', 'a', ['1']);
    await runtime.drain();
    runtime.trim();
    expect((await storage.state.load([address]))[0]?.version).toBe(1);
    isHeld = false;
    clock.nowMs += 1_000;
    await runtime.drain();
    runtime.trim();
    expect(await storage.state.load([address])).toEqual([undefined]);
    storage.close();
  });
});

test('the file of a run does not grow with what goes through it, and shrinks when it is closed', async () => {
  const file = newFile();
  const storage = sqliteStorage(file);
  const runtime = localRuntime({ topology: readers, storage, nowMs: () => START_MS, host: hostOf(() => NONE) });
  const cycle = (): Promise<void> =>
    storage.transaction(async () => {
      for (let key = 0; key < 50; key++) runtime.produce('lines', String(key), ['x'.repeat(20_000)]);
      await runtime.drain();
      runtime.checkpoint();
      runtime.trim();
    });
  const sizes: number[] = [];
  for (let cycles = 0; cycles < 60; cycles++) {
    await cycle();
    storage.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    sizes.push(statSync(file).size);
  }
  expect(sizes.at(-1)).toBe(sizes[5]);
  storage.close();
  expect(statSync(file).size).toBeLessThan((sizes[5] ?? 0) / 2);
});

test('killed at any moment, a run that trims loses no record and takes none twice', async () => {
  const file = newFile();
  const script = join(import.meta.dirname, 'support', 'trimming-process.ts');
  const count = 1_000;
  const run = async (killAfterMs: number | undefined): Promise<boolean> => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, file, String(count)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    if (killAfterMs !== undefined) {
      await setTimeout(killAfterMs);
      child.kill('SIGKILL');
    }
    await ended;
    return child.exitCode === 0;
  };
  let isDone = false;
  for (let kills = 0; kills < 8 && !isDone; kills++) isDone = await run(150 + kills * 40);
  expect(isDone || (await run(undefined))).toBe(true);
  const database = new DatabaseSync(file);
  for (const processor of ['test/fast', 'test/slow']) {
    const taken = database.prepare('SELECT line FROM taken WHERE processor = ? ORDER BY rowid').all(processor);
    const numbers = taken.map(({ line }) => Number(String(line).slice(2)));
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, number) => number));
  }
  expect(database.prepare('SELECT count(*) AS records FROM log_record').get()).toMatchObject({ records: 0 });
  database.close();
});

test('a file of another version is refused with the mend, and left as it is', () => {
  const file = newFile();
  const old = new DatabaseSync(file);
  old.exec('CREATE TABLE state (collection TEXT)');
  old.close();
  expect(() => sqliteStorage(file)).toThrow(StorageFormError);
  expect(() => sqliteStorage(file)).toThrow(/has form 0, and this version of Millrace reads form 2: start with new/);
});
