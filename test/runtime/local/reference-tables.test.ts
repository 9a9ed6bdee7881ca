import { expect, test } from '@jest/globals';
import { localTables, type LocalTables, type ReferenceRows } from '../../../shared/runtime/local/reference-tables.ts';
import { memoryStore } from '../../../shared/state/memory-store.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';

const KEEP_MS = 1_000;

const opened = (
  reference: ReferenceRows | (() => ReferenceRows),
  state: StateStore = memoryStore(),
  clock = { nowMs: 0 },
): LocalTables => localTables(reference, state, () => clock.nowMs, KEEP_MS);

test('the version of a table changes when a row does, and not before', async () => {
  const tables = opened({ rules: new Map([['a', 1]]), others: new Map() });
  const first = await tables.all('rules');
  expect(first).toEqual({ version: 1, keys: ['a'], rows: [1] });
  expect((await tables.all('rules')).version).toBe(1);
  tables.set('rules', 'b', 2, 10);
  expect(await tables.all('rules')).toEqual({ version: 2, keys: ['a', 'b'], rows: [1, 2] });
  tables.set('rules', 'a', undefined, 20);
  expect(await tables.all('rules')).toEqual({ version: 3, keys: ['b'], rows: [2] });
  expect(await tables.rows('rules', ['b', 'a'])).toEqual([2, undefined]);
  expect((await tables.all('others')).version).toBe(1);
});

test('former rows say what each row was, newest edit first', async () => {
  const tables = opened({ rules: new Map([['a', 1]]) });
  expect(await tables.formerRows?.('rules', 'all')).toEqual([]);
  tables.set('rules', 'a', 2, 10);
  tables.set('rules', 'b', 7, 15);
  tables.set('rules', 'a', undefined, 20);
  expect(await tables.formerRows?.('rules', 'all')).toEqual([
    { key: 'a', untilMs: 20, row: 2 },
    { key: 'b', untilMs: 15, row: undefined },
    { key: 'a', untilMs: 10, row: 1 },
  ]);
  expect(await tables.formerRows?.('rules', ['b', 'c'])).toEqual([{ key: 'b', untilMs: 15, row: undefined }]);
});

test('former rows are kept as long as a record may come again', async () => {
  const tables = opened({ rules: new Map([['a', 1]]) });
  tables.set('rules', 'a', 2, 10);
  tables.set('rules', 'a', 3, 10 + KEEP_MS - 1);
  expect(await tables.formerRows?.('rules', 'all')).toHaveLength(2);
  tables.set('rules', 'a', 4, 10 + KEEP_MS);
  expect((await tables.formerRows?.('rules', 'all'))?.map(({ row }) => row)).toEqual([3, 2]);
});

test('a reference that is a function is asked again, and another map is an edit of the rows that differ', async () => {
  const clock = { nowMs: 5 };
  let rules = new Map([
    ['a', 1],
    ['b', 2],
  ]);
  const tables = opened(() => ({ rules }), memoryStore(), clock);
  expect((await tables.all('rules')).version).toBe(1);
  rules = new Map([
    ['b', 2],
    ['c', 3],
  ]);
  clock.nowMs = 9;
  expect(await tables.all('rules')).toEqual({ version: 2, keys: ['b', 'c'], rows: [2, 3] });
  expect(await tables.formerRows?.('rules', 'all')).toEqual([
    { key: 'a', untilMs: 9, row: 1 },
    { key: 'c', untilMs: 9, row: undefined },
  ]);
  expect((await tables.all('rules')).version).toBe(2);
});

test('rows of a table that a processor fills are looked up by key; the rest of it is not read', async () => {
  const memory = memoryStore();
  const row = { collection: 'latest', partitionKey: 'US-AZ', isRow: true, expected: 0, ledger: {}, writtenAtMs: 0 };
  await memory.write([
    { ...row, key: 'a', state: '{"n":1}', timerMs: undefined },
    { ...row, key: 'b', state: undefined, timerMs: undefined },
  ]);
  const tables = opened(
    {},
    {
      ...memory,
      items: () => {
        throw new Error('all rows are read');
      },
    },
  );
  expect(await tables.rows('latest', ['b', 'a', 'c', 'a'])).toEqual([undefined, { n: 1 }, undefined, { n: 1 }]);
  expect(await tables.formerRows?.('latest', 'all')).toEqual([]);
});

test('all rows of a table that a processor fills come without the deleted ones, under a new version each time', async () => {
  const memory = memoryStore();
  const row = { collection: 'latest', partitionKey: 'US-AZ', isRow: true, expected: 0, ledger: {}, writtenAtMs: 0 };
  await memory.write([
    { ...row, key: 'b', state: '2', timerMs: undefined },
    { ...row, key: 'gone', state: undefined, timerMs: undefined },
    { ...row, key: 'a', state: '1', timerMs: undefined },
  ]);
  const tables = opened({}, memory);
  const first = await tables.all('latest');
  expect([first.keys, first.rows]).toEqual([
    ['a', 'b'],
    [1, 2],
  ]);
  expect((await tables.all('latest')).version).not.toBe(first.version);
});
