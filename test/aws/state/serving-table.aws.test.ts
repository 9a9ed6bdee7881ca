import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { compareKeys } from '../../../shared/state/dynamodb/row-keys.ts';
import { servingTable, type RowsPage } from '../../../shared/state/dynamodb/serving-table.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import { deleteTables, dynamoClient, madeTable, halfMinute } from './made-table.ts';

const client = dynamoClient();
const names = { filled: '', reference: '', state: '' };

/** Keys that share beginnings, are not of ASCII, and are more than one page of a bucket. */
const KEYS = [
  ...Array.from({ length: 120 }, (_, index) => `US-AZ/2016-${String(index).padStart(3, '0')}`),
  ...['a', 'aa', 'a\u0001', 'a!', 'aé', 'a😀', 'a\uffff', '|', '#', '~'],
];
const IN_ORDER = [...KEYS].sort(compareKeys);

beforeAll(async () => {
  names.filled = await madeTable(client, ROW_TABLE);
  names.reference = await madeTable(client, ROW_TABLE);
  names.state = await madeTable(client, STATE_TABLE);
  const tables = { daily: names.filled };
  const store = dynamoStore({ client, ...halfMinute(), stateTable: names.state, tables, forgetAfterMs: 60_000 });
  const common = { collection: 'daily', expected: 0, ledger: {}, timerMs: undefined, writtenAtMs: Date.now() };
  await store.write([
    ...KEYS.map((key) => ({ ...common, partitionKey: 'US-AZ', key, state: JSON.stringify({ key }) })),
    // A key of which only a ledger is left.
    { ...common, partitionKey: 'US-AZ', key: 'b', state: undefined },
  ]);
  await servingTable(client, names.reference).put(KEYS.map((key) => ({ key, value: { key } })));
});

afterAll(async () => {
  await deleteTables(client, Object.values(names));
  client.destroy();
});

const allPages = async (table: string, page: RowsPage): Promise<readonly string[]> => {
  const keys: string[] = [];
  for (let { after } = page; ;) {
    const { rows, next } = await servingTable(client, table).page({ ...page, after });
    expect(rows.length).toBeLessThanOrEqual(page.limit);
    for (const { key, value } of rows) expect(value).toEqual({ key });
    keys.push(...rows.map(({ key }) => key));
    if (next === undefined) return keys;
    expect(next).toBe(keys.at(-1));
    after = next;
  }
};

describe.each(['filled', 'reference'] as const)('a %s table', (kind) => {
  test('has all its rows in order, each once, in pages of any size and for any range', async () => {
    const bound = fc.option(
      fc.oneof(fc.constantFrom(...KEYS, 'US-AZ/', 'b'), fc.string({ minLength: 1, maxLength: 3 })),
      {
        nil: undefined,
      },
    );
    const range = { from: bound, to: bound, after: bound };
    const page = fc.record({
      ...range,
      limit: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 200 })),
    });
    await fc.assert(
      fc.asyncProperty(page, async ({ limit, from, to, after }) => {
        const asked = IN_ORDER.filter(
          (key) =>
            (from === undefined || compareKeys(key, from) >= 0) &&
            (to === undefined || compareKeys(key, to) < 0) &&
            (after === undefined || compareKeys(key, after) > 0),
        );
        expect(await allPages(names[kind], { limit, from, to, after })).toEqual(asked);
      }),
      { numRuns: 15 },
    );
  });

  test('has the row of a key, and undefined where none exists', async () => {
    const table = servingTable(client, names[kind]);
    for (const key of ['a', 'a\u0001', 'a😀', 'US-AZ/2016-007']) expect(await table.row(key)).toEqual({ key });
    for (const key of ['b', 'US-AZ/2016', '', 'a\0']) expect(await table.row(key)).toBeUndefined();
  });
});

test('a row of reference data is written over, and taken away once', async () => {
  const table = servingTable(client, names.reference);
  await table.put([{ key: 'rule-1', value: { threshold: 1 } }]);
  await table.put([{ key: 'rule-1', value: { threshold: 2 } }]);
  expect(await table.row('rule-1')).toEqual({ threshold: 2 });
  expect([await table.remove('rule-1'), await table.remove('rule-1')]).toEqual([true, false]);
  expect(await table.row('rule-1')).toBeUndefined();
});
