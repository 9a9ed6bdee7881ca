import { describe, expect, test } from '@jest/globals';
import { text } from '../../../shared/codec/text.ts';
import { processor } from '../../../shared/processor/processor.ts';
import { topology } from '../../../shared/processor/topology.ts';
import {
  localRuntime,
  type LocalRuntime,
  type LocalRuntimeOptions,
} from '../../../shared/runtime/local/local-runtime.ts';
import { memoryStorage } from '../../../shared/runtime/local/local-storage.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { stream } from '../../../shared/stream/stream.ts';
import { hostOf, lines, NONE, readers } from './support/reading-topology.ts';

const START_MS = Date.UTC(2030, 0, 1);

const started = (options: Partial<LocalRuntimeOptions> = {}): LocalRuntime =>
  localRuntime({
    topology: readers,
    storage: memoryStorage(),
    nowMs: () => START_MS,
    host: hostOf(() => NONE),
    ...options,
  });

const arrivals = ({ storage: { log } }: LocalRuntime): readonly number[] =>
  log
    .shards('lines')
    .flatMap(({ shardId }) => log.read('lines', shardId, undefined, { records: 100, bytes: Infinity }))
    .sort((a, b) => (a.sequenceNumber < b.sequenceNumber ? -1 : 1))
    .map(({ arrivalMs }) => arrivalMs);

describe('arrivals', () => {
  test('are the clock’s unless they are given', () => {
    const runtime = started();
    runtime.produce('lines', 'a', ['1']);
    expect([arrivals(runtime), runtime.arrivalMs()]).toEqual([[START_MS], START_MS]);
  });

  test('that are given are the time of the run from then on, and never go back', () => {
    const runtime = started();
    runtime.produce('lines', 'a', ['1'], 1_000);
    runtime.produce('lines', 'a', ['2'], 500);
    runtime.produce('lines', 'a', ['3']);
    runtime.produce('lines', 'a', ['4'], 2_000);
    expect([arrivals(runtime), runtime.arrivalMs()]).toEqual([[1_000, 1_000, 1_000, 2_000], 2_000]);
  });

  test('survive the process', () => {
    const storage = memoryStorage();
    const first = started({ storage });
    first.produce('lines', 'a', ['1'], 1_000);
    first.checkpoint();
    expect(started({ storage }).arrivalMs()).toBe(1_000);
  });

  test('that are no time are refused and put nothing', () => {
    const runtime = started();
    for (const wrong of [NaN, Infinity, 1.5]) {
      expect(() => {
        runtime.produce('lines', 'a', ['1'], wrong);
      }).toThrow(/an arrival must be a whole number of milliseconds since 1970, got/);
    }
    expect([arrivals(runtime), runtime.arrivalMs()]).toEqual([[], START_MS]);
  });

  test('a record that is put after an edit arrives after it, and one that was put before did not', async () => {
    let tables: Parameters<NonNullable<LocalRuntimeOptions['host']>>[2]['tables'] | undefined;
    const runtime = started({
      reference: { rules: new Map([['a', 'old']]) },
      host: (_processor, _makeEngine, ports) => {
        tables = ports.tables;
        return { invoke: () => Promise.resolve(null), sweep: () => Promise.resolve(0) };
      },
    });
    runtime.produce('lines', 'a', ['before']);
    runtime.setRow('rules', 'a', 'new');
    runtime.produce('lines', 'a', ['after']);
    const [former] = (await tables?.formerRows?.('rules', ['a'])) ?? [];
    const [before = NaN, after = NaN] = arrivals(runtime);
    expect(former?.row).toBe('old');
    expect(before).toBeLessThan(former?.untilMs ?? NaN);
    expect(after).toBeGreaterThanOrEqual(former?.untilMs ?? NaN);
  });
});

test('records say the number of their shard', async () => {
  const seen = new Map<string, string | undefined>();
  const take = (_id: string, texts: readonly string[], records: readonly DeliveredRecord[]): number => {
    for (const [index, line] of texts.entries()) seen.set(line, records[index]?.shard);
    return NONE;
  };
  const runtime = started({ shards: 1, host: hostOf(take) });
  runtime.produce('lines', 'a', ['1']);
  await runtime.drain();
  runtime.storage.log.split('lines', 'shardId-000000000000');
  runtime.produce('lines', 'a', ['2']);
  await runtime.drain();
  expect(seen.get('1')).toBe('0');
  expect(['1', '2']).toContain(seen.get('2'));
});

test('thousands of shards of which few have work are neither called nor noted', async () => {
  let notes = 0;
  const runtime = started({ shards: 4_096 });
  runtime.produce('lines', 'a', ['1']);
  await runtime.drain();
  runtime.checkpoint();
  const original = { ...runtime.notes };
  Object.assign(runtime.notes, {
    set: (name: string, value: unknown) => {
      if (name.includes('shardId')) notes += 1;
      original.set(name, value);
    },
  });
  runtime.produce('lines', 'a', ['2']);
  await runtime.drain();
  runtime.checkpoint();
  // One shard of each of the two processors.
  expect([notes, runtime.lag()]).toEqual([
    2,
    new Map([
      ['test/fast', 0],
      ['test/slow', 0],
    ]),
  ]);
});

describe('what cannot be trusted ends the run', () => {
  const counter = processor({
    id: 'test/counter',
    from: lines,
    to: {},
    key: () => 'k',
    initial: () => 0,
    step: ({ state }) => ({ state: state + 1 }),
  });
  const broken = (cause: Error): LocalRuntime => {
    const storage = memoryStorage();
    const load = (): Promise<never> => Promise.reject(cause);
    return localRuntime({
      topology: topology('test', [counter]),
      storage: { ...storage, state: { ...storage.state, load, progress: load } },
      nowMs: () => START_MS,
    });
  };

  test('the error names the processor whose engine failed, and is the same ever after', async () => {
    const runtime = broken(new Error('state is away'));
    runtime.produce('lines', 'a', ['1']);
    await expect(runtime.drain()).rejects.toThrow("processor 'test/counter' failed: state is away");
    await expect(runtime.drain()).rejects.toThrow("processor 'test/counter' failed: state is away");
  });

  test('an error of the system or of SQLite comes as it is, so that its code can be read', async () => {
    const full = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
    const runtime = broken(full);
    runtime.produce('lines', 'a', ['1']);
    await expect(runtime.drain()).rejects.toBe(full);
  });
});

describe('the end of input', () => {
  const later = stream('later', { codec: text(), partitionKey: (line) => line.slice(0, 1) });
  const first = processor({ id: 'test/first', from: lines, to: { later }, step: () => ({}) });
  const second = processor({ id: 'test/second', from: later, to: {}, step: () => ({}) });

  const run = async (swept: (id: string, sweeps: number) => number): Promise<readonly string[]> => {
    const calls: string[] = [];
    const counts = new Map<string, number>();
    const runtime: LocalRuntime = started({
      topology: topology('test', [second, first]),
      host: ({ id }) => ({
        invoke: (records) => {
          calls.push(`${id} takes ${String(records.length)}`);
          return Promise.resolve(null);
        },
        sweep: (which) => {
          calls.push(`${id} sweeps ${which}`);
          counts.set(id, (counts.get(id) ?? 0) + 1);
          const emitted = swept(id, counts.get(id) ?? 0);
          if (id === 'test/first' && emitted > 0) runtime.produce('later', 'a', ['closed']);
          return Promise.resolve(emitted);
        },
      }),
    });
    await runtime.flush();
    expect(runtime.books().get('test/first')?.emitted).toBe(
      Array.from({ length: counts.get('test/first') ?? 0 }, (_, index) => swept('test/first', index + 1)).reduce(
        (sum, one) => sum + one,
        0,
      ),
    );
    return calls;
  };

  test('fires upstream timers first, and downstream ones when their input is whole', async () => {
    expect(await run((id, sweeps) => (id === 'test/first' && sweeps === 1 ? 1 : 0))).toEqual([
      'test/first sweeps all',
      'test/second takes 1',
      'test/first sweeps all',
      'test/second sweeps all',
    ]);
  });

  test('ends though a timer is set again each time it fires', async () => {
    const calls = await run(() => 1);
    expect(calls.filter((call) => call === 'test/second sweeps all')).toHaveLength(100);
  });
});

test('a retention that no record could live through is refused', () => {
  expect(() => started({ retentionSeconds: 119 })).toThrow('retentionSeconds must be at least 120, got 119');
});
