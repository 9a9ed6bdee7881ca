import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { newTally } from '../../../shared/engine/books.ts';
import { arrivalClock } from '../../../shared/runtime/local/arrival-clock.ts';
import { localBooks, localCounters, notes } from '../../../shared/runtime/local/notes.ts';
import { localTables } from '../../../shared/runtime/local/reference-tables.ts';
import { streamExport } from '../../../shared/runtime/local/stream-export.ts';
import { memoryStore } from '../../../shared/state/memory-store.ts';
import { item, itemStream } from '../../support/engine-bench.ts';

const open = (): ReturnType<typeof notes> => notes(new DatabaseSync(':memory:'));

describe('notes', () => {
  test('hold the last value of a name, and nothing under other names', () => {
    const own = open();
    own.set('a', 1);
    own.set('a', { b: [2] });
    expect([own.get('a'), own.get('b')]).toEqual([{ b: [2] }, undefined]);
  });
});

describe('what a run has counted', () => {
  test('goes on where it was saved', () => {
    const own = open();
    const first = localCounters('puts', own);
    first.add('s', 2);
    first.add('s', 3);
    first.add('t', 1);
    first.save();
    first.add('s', 100);
    const second = localCounters('puts', own);
    second.add('s', 1);
    expect(second.all()).toEqual(
      new Map([
        ['s', 6],
        ['t', 1],
      ]),
    );
    expect(localCounters('other', own).all()).toEqual(new Map());
  });

  test('in books goes on for the processors there are, and begins at 0 for new ones', () => {
    const own = open();
    const first = localBooks(['a', 'b'], own);
    first.enter('a', { ...newTally(), in: 3, applied: 2, late: 1 });
    first.enter('a', { ...newTally(), in: 1, held: 1, emitted: 7 });
    first.enter('unknown', { ...newTally(), in: 1 });
    first.save();
    const second = localBooks(['a', 'c'], own);
    second.enter('a', { ...newTally(), in: 1, duplicate: 1 });
    expect(second.all()).toEqual(
      new Map([
        ['a', { ...newTally(), in: 5, applied: 2, late: 1, held: 1, duplicate: 1, emitted: 7 }],
        ['c', newTally()],
      ]),
    );
  });
});

describe('the time of a run', () => {
  test('is the clock until an arrival is given, and the latest arrival from then on, also in the next process', () => {
    const own = open();
    let clockMs = 1_000;
    const clock = arrivalClock(() => clockMs, own);
    expect([clock.nowMs(), clock.ageClock(5)]).toEqual([1_000, 5]);
    clock.save();
    expect(own.get('arrivals')).toBeUndefined();
    clock.arrive(700);
    clock.arrive(600);
    clockMs = 2_000;
    expect([clock.nowMs(), clock.ageClock(5)]).toEqual([700, -Infinity]);
    clock.save();
    const next = arrivalClock(() => clockMs, own);
    expect([next.nowMs(), next.ageClock(5)]).toEqual([700, -Infinity]);
    next.arrive(701);
    expect(next.nowMs()).toBe(701);
  });

  test('moves on by a millisecond with an edit, and by no more', () => {
    const clock = arrivalClock(() => 1_000, open());
    expect([clock.nowMs(), clock.edit(), clock.nowMs(), clock.edit()]).toEqual([1_000, 1_001, 1_001, 1_002]);
  });

  test.each([0.5, NaN, Infinity, 2 ** 53])('takes no arrival at %p', (arrivalMs) => {
    const clock = arrivalClock(() => 1_000, open());
    expect(() => {
      clock.arrive(arrivalMs);
    }).toThrow(/an arrival must be a whole number of milliseconds since 1970/u);
  });
});

describe('the lines of a stream', () => {
  const raw = itemStream('raw');
  const linesOf = (...texts: readonly string[]): string => {
    const database = new DatabaseSync(':memory:');
    const taken = streamExport(database, { streams: [raw], sources: [raw] }, notes(database));
    taken.take('raw', 'A', texts);
    taken.save();
    return Array.from(taken.lines('raw'), (bytes) => Buffer.from(bytes).toString('utf8')).join('\n');
  };

  test.each(['x', 'é', '€', '😀'])('are whole however long they are and whatever is in them: %s', (character) => {
    const texts = [1, 10, 1_000, 5_000, 20_000].map((n) => JSON.stringify(item(character.repeat(n), 'k', n)));
    expect(linesOf(...texts)).toBe(texts.join('\n'));
  });

  test('are none where nothing was taken', () => {
    expect(linesOf()).toBe('');
  });

  test('of a stream that is not known are none', () => {
    const database = new DatabaseSync(':memory:');
    const taken = streamExport(database, { streams: [raw], sources: [raw] }, notes(database));
    taken.take('other', 'A', ['{"n":1}']);
    taken.save();
    expect(Array.from(taken.lines('other'))).toEqual([]);
  });
});

describe('a reference table', () => {
  const KEEP_MS = 100;
  const rowsOf = (...entries: readonly (readonly [string, unknown])[]): ReadonlyMap<string, unknown> =>
    new Map(entries);

  test('that is edited has a new version, its rows, and what they were', async () => {
    const tables = localTables({ t: rowsOf(['a', 1], ['b', 2]) }, memoryStore(), () => 0, KEEP_MS);
    expect(await tables.all('t')).toEqual({ version: 1, keys: ['a', 'b'], rows: [1, 2] });
    tables.set('t', 'a', 10, 5);
    tables.set('t', 'b', undefined, 6);
    tables.set('t', 'c', 3, 7);
    expect(await tables.all('t')).toEqual({ version: 4, keys: ['a', 'c'], rows: [10, 3] });
    expect(await tables.rows('t', ['c', 'b', 'a', 'a'])).toEqual([3, undefined, 10, 10]);
    expect(await tables.formerRows?.('t', 'all')).toEqual([
      { key: 'c', untilMs: 7, row: undefined },
      { key: 'b', untilMs: 6, row: 2 },
      { key: 'a', untilMs: 5, row: 1 },
    ]);
    expect(await tables.formerRows?.('t', ['a'])).toEqual([{ key: 'a', untilMs: 5, row: 1 }]);
  });

  test('forgets what rows were as soon as no record can ask for it', async () => {
    const tables = localTables({ t: rowsOf(['a', 0]) }, memoryStore(), () => 0, KEEP_MS);
    tables.set('t', 'a', 1, 0);
    tables.set('t', 'a', 2, KEEP_MS - 1);
    expect(await tables.formerRows?.('t', 'all')).toHaveLength(2);
    tables.set('t', 'a', 3, KEEP_MS);
    expect((await tables.formerRows?.('t', 'all'))?.map(({ untilMs }) => untilMs)).toEqual([KEEP_MS, KEEP_MS - 1]);
  });

  test('whose source answers another map has changed where the two differ, and only there', async () => {
    let rows = rowsOf(['a', 1], ['b', 2], ['c', 3]);
    const tables = localTables(
      () => ({ t: rows }),
      memoryStore(),
      () => 50,
      KEEP_MS,
    );
    expect((await tables.all('t')).version).toBe(1);
    expect((await tables.all('t')).version).toBe(1);
    rows = rowsOf(['a', 1], ['b', 20], ['d', 4]);
    expect(await tables.all('t')).toEqual({ version: 2, keys: ['a', 'b', 'd'], rows: [1, 20, 4] });
    expect(await tables.formerRows?.('t', 'all')).toEqual([
      { key: 'b', untilMs: 50, row: 2 },
      { key: 'c', untilMs: 50, row: 3 },
      { key: 'd', untilMs: 50, row: undefined },
    ]);
    expect((await tables.all('t')).version).toBe(2);
  });

  test('that does not exist may be begun by an edit', async () => {
    const tables = localTables({}, memoryStore(), () => 0, KEEP_MS);
    expect(await tables.formerRows?.('t', 'all')).toEqual([]);
    tables.set('t', 'a', 1, 5);
    expect(await tables.all('t')).toEqual({ version: 1, keys: ['a'], rows: [1] });
  });

  test('that a processor fills is read anew each time, without the rows that are gone', async () => {
    const store = memoryStore();
    const write = (key: string, state: string | undefined): Promise<unknown> =>
      store.write([
        {
          collection: 't',
          partitionKey: 'A',
          key,
          isRow: true,
          expected: 0,
          state,
          ledger: {},
          timerMs: undefined,
          writtenAtMs: 0,
        },
      ]);
    const tables = localTables({}, store, () => 0, KEEP_MS);
    await write('b', '2');
    await write('gone', undefined);
    const first = await tables.all('t');
    await write('a', '1');
    const second = await tables.all('t');
    expect([first.keys, first.rows, second.keys, second.rows]).toEqual([['b'], [2], ['a', 'b'], [1, 2]]);
    expect(second.version).not.toBe(first.version);
    expect(await tables.rows('t', ['a', 'x', 'gone', 'a'])).toEqual([1, undefined, undefined, 1]);
    expect(await tables.formerRows?.('t', ['a'])).toEqual([]);
  });
});
