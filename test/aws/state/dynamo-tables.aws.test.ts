import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TablePort } from '../../../shared/engine/ports.ts';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { dynamoTables } from '../../../shared/state/dynamodb/dynamo-tables.ts';
import { EFFECT_AFTER_MS } from '../../../shared/state/dynamodb/row-history.ts';
import { servingTable, type ServingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { deleteTables, dynamoClient, madeTable, halfMinute } from './made-table.ts';

const client = dynamoClient();
const made: string[] = [];
let calls = 0;
client.middlewareStack.add(
  (next) => (given) => {
    calls += 1;
    return next(given);
  },
  { step: 'initialize' },
);

afterAll(async () => {
  await deleteTables(client, made);
  client.destroy();
});

const SECOND_MS = 1000;
let clockMs = 0;
let port: TablePort;
let reference: ServingTable;
let store: StateStore;

beforeEach(async () => {
  const [stations, daily, state] = [
    await madeTable(client, ROW_TABLE),
    await madeTable(client, ROW_TABLE),
    await madeTable(client, STATE_TABLE),
  ];
  made.push(stations, daily, state);
  clockMs = Date.now();
  const time = { ...halfMinute(), nowMs: () => clockMs, deadlineMs: () => Infinity };
  reference = servingTable(client, stations, () => clockMs);
  store = dynamoStore({ client, ...time, stateTable: state, tables: { daily }, forgetAfterMs: 60_000 });
  port = dynamoTables({ client, ...time, tables: { daily }, references: { stations } });
});

const write = async (
  key: string,
  expected: number,
  state: string | undefined,
  partitionKey = 'US-AZ',
): Promise<void> => {
  const outcomes = await store.write([
    {
      collection: 'daily',
      partitionKey,
      key,
      isRow: true,
      expected,
      state,
      ledger: {},
      timerMs: undefined,
      writtenAtMs: clockMs,
    },
  ]);
  expect(outcomes).toEqual(['written']);
};

const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = calls;
  await work();
  return calls - before;
};

describe('rows of reference data', () => {
  test('come in the order of the keys, undefined for those without, of any number of keys', async () => {
    const keys = Array.from({ length: 130 }, (_, index) => `s${String(index)}`);
    await reference.put(keys.map((key) => ({ key, value: { id: key } })));
    const asked = [...keys, 'none', '', 'a\0'].reverse();
    expect(await port.rows('stations', asked)).toEqual([
      undefined,
      undefined,
      undefined,
      ...keys.map((id) => ({ id })).reverse(),
    ]);
  });

  test('are kept for a minute, and that one is missing for fifteen seconds', async () => {
    await reference.put([{ key: 'a', value: 1 }]);
    expect(await port.rows('stations', ['a', 'b'])).toEqual([1, undefined]);
    await reference.put([
      { key: 'a', value: 2 },
      { key: 'b', value: 2 },
    ]);
    expect(await callsOf(() => port.rows('stations', ['a', 'b']))).toBe(0);
    clockMs += 15 * SECOND_MS;
    expect(await port.rows('stations', ['a', 'b'])).toEqual([1, 2]);
    clockMs += 45 * SECOND_MS;
    expect(await port.rows('stations', ['a', 'b'])).toEqual([2, 2]);
  });

  test('keep what they were: a record that arrived before an edit sees the row of then', async () => {
    await reference.put([{ key: 'a', value: 1 }]);
    clockMs += 3_600 * SECOND_MS;
    const editedMs = clockMs;
    await reference.put([{ key: 'a', value: 2 }]);
    await reference.remove('a');
    const untilMs = editedMs + EFFECT_AFTER_MS;
    const edits = [
      { key: 'a', untilMs, row: 2 },
      { key: 'a', untilMs, row: 1 },
      { key: 'a', untilMs: editedMs - 3_600 * SECOND_MS, row: undefined },
    ];
    expect(await port.rows('stations', ['a'])).toEqual([undefined]);
    expect(await port.formerRows?.('stations', ['a'])).toEqual(edits);
    expect((await port.all('stations')).rows).toEqual([]);
    expect(await port.formerRows?.('stations', 'all')).toEqual(edits);
  });
});

describe('rows of a table that a processor fills', () => {
  test('are as they are now, whatever partition key owns them', async () => {
    await write('x', 0, '{"n":1}');
    expect(await port.rows('daily', ['x', 'y', ''])).toEqual([{ n: 1 }, undefined, undefined]);
    await write('x', 1, '{"n":2}');
    await write('y', 0, '{"n":3}', 'US-VT');
    expect(await port.rows('daily', ['x', 'y'])).toEqual([{ n: 2 }, { n: 3 }]);
  });

  test('are gone when only a ledger is left', async () => {
    await write('x', 0, '{"n":1}');
    await write('x', 1, undefined);
    expect(await port.rows('daily', ['x'])).toEqual([undefined]);
    expect((await port.all('daily')).rows).toEqual([]);
  });
});

describe('a whole table', () => {
  test('is kept for a minute, and its version changes only when a row does', async () => {
    await reference.put([
      { key: 'b', value: 2 },
      { key: 'a', value: 1 },
    ]);
    const first = await port.all('stations');
    expect(first.rows).toEqual([1, 2]);
    await reference.put([{ key: 'c', value: 3 }]);
    expect(await callsOf(() => port.all('stations'))).toBe(0);
    clockMs += 60 * SECOND_MS;
    const second = await port.all('stations');
    expect(second.rows).toEqual([1, 2, 3]);
    expect(second.version).not.toBe(first.version);
    await reference.put([{ key: 'c', value: 3 }]);
    clockMs += 60 * SECOND_MS;
    expect(await callsOf(() => port.all('stations'))).toBe(8);
    expect((await port.all('stations')).version).toBe(second.version);
    await reference.remove('a');
    clockMs += 60 * SECOND_MS;
    const third = await port.all('stations');
    expect([third.rows, third.version === second.version]).toEqual([[2, 3], false]);
  });

  test('of many rows is read in the order of the keys', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => ({ key: String(index).padStart(3, '0'), value: index }));
    await reference.put(rows);
    expect((await port.all('stations')).rows).toEqual(rows.map(({ value }) => value));
  });
});

test('a table the function was not given is refused by name', async () => {
  await expect(port.rows('other', ['a'])).rejects.toThrow(
    /knows no DynamoDB table for 'other', only for daily: deploy/u,
  );
});
