import { afterAll, describe, expect, test } from '@jest/globals';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamoStore, type DynamoStoreOptions } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { itemKey } from '../../../shared/state/dynamodb/state-keys.ts';
import { rowKey } from '../../../shared/state/dynamodb/row-keys.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import type { ConditionalWrite, StateStore } from '../../../shared/state/state-store.ts';
import { rowStoreContract } from '../../../shared/testing/row-store-contract.ts';
import { stateStoreContract } from '../../../shared/testing/state-store-contract.ts';
import { CONTRACT_TABLES } from '../../../shared/testing/state-store-rule.ts';
import { deleteTables, dynamoClient, madeTable, halfMinute } from './made-table.ts';

const client = dynamoClient();
const made: string[] = [];
const newTable = async (layout: typeof STATE_TABLE): Promise<string> => {
  const name = await madeTable(client, layout);
  made.push(name);
  return name;
};

afterAll(async () => {
  await deleteTables(client, made);
  client.destroy();
});

const openStore = async (options: Partial<DynamoStoreOptions> = {}): Promise<{ store: StateStore; table: string }> => {
  const stateTable = await newTable(STATE_TABLE);
  const store = dynamoStore({ client, ...halfMinute(), stateTable, tables: {}, forgetAfterMs: 60_000, ...options });
  return { store, table: stateTable };
};

describe('DynamoDB store', () => {
  test.each(stateStoreContract)('$rule', async ({ check }) => {
    await check((await openStore()).store);
  });
});

describe('DynamoDB store, where the items are rows of a table', () => {
  test.each(rowStoreContract)('$rule', async ({ check }) => {
    const tables = await Promise.all(
      CONTRACT_TABLES.map(async (name): Promise<[string, string]> => [name, await newTable(ROW_TABLE)]),
    );
    await check((await openStore({ tables: Object.fromEntries(tables) })).store);
  });

  test('a timer has no room there, and the error says what to do', async () => {
    const { store } = await openStore({ tables: { daily: await newTable(ROW_TABLE) } });
    const expected = /table 'daily' has no room for timers.*leave 'as' out/u;
    await expect(store.write([write({ collection: 'daily', timerMs: 1 })])).rejects.toThrow(expected);
    await expect(store.due('daily', [{ partitionKey: 'a', dueMs: 1 }])).rejects.toThrow(expected);
    await expect(store.progress('daily', ['a'])).rejects.toThrow(expected);
    await expect(store.idle('daily', 1)).rejects.toThrow(expected);
    const progress = { collection: 'daily', partitionKey: 'a', watermarkMs: 1, activeAtMs: 1, version: 0 };
    await expect(store.advance([progress])).rejects.toThrow(expected);
  });

  test('people can read them: key, owner and value', async () => {
    const rows = await newTable(ROW_TABLE);
    const { store } = await openStore({ tables: { daily: rows } });
    const one = write({ collection: 'daily', key: 'US-AZ/2016-01-01', state: '{"low":-1}' });
    await store.write([one]);
    const { b, k } = rowKey(one.key);
    const { Item } = await client.send(new GetItemCommand({ TableName: rows, Key: { b: { S: b }, k: { S: k } } }));
    expect(Item).toEqual({
      b: { S: b },
      k: { S: k },
      key: { S: 'US-AZ/2016-01-01' },
      owner: { S: 'US-AZ' },
      value: { S: '{"low":-1}' },
      v: { N: '1' },
      l: { M: { lane: { S: '011' } } },
    });
  });
});

const write = (parts: Partial<ConditionalWrite> = {}): ConditionalWrite => ({
  collection: 'weather/assemble',
  partitionKey: 'US-AZ',
  key: 'a',
  expected: 0,
  state: '1',
  ledger: { lane: '011' },
  timerMs: undefined,
  writtenAtMs: 1_000_000,
  ...parts,
});

describe('more than one call takes', () => {
  const keys = Array.from({ length: 250 }, (_, index) => `station-${String(index)}`);

  test('250 keys are written and read, each where it was asked for', async () => {
    const { store } = await openStore();
    const outcomes = await store.write(keys.map((key) => write({ key, state: JSON.stringify(key) })));
    expect(new Set(outcomes)).toEqual(new Set(['written']));
    const asked = [...keys, 'none'].reverse();
    const found = await store.load(asked.map((key) => ({ ...write(), key })));
    expect(found.map((item) => item?.state)).toEqual([undefined, ...keys.map((key) => JSON.stringify(key)).reverse()]);
  });

  test('items of 1 MB together are read though DynamoDB pages them', async () => {
    const { store } = await openStore();
    const large = `"${'x'.repeat(100_000)}"`;
    const some = keys.slice(0, 30);
    await store.write(some.map((key) => write({ key, state: large, timerMs: 5 })));
    const found = await store.load(some.map((key) => ({ ...write(), key })));
    expect(found.filter((item) => item?.state === large)).toHaveLength(30);
    expect(await store.due('weather/assemble', [{ partitionKey: 'US-AZ', dueMs: 5 }])).toHaveLength(30);
    const scanned: string[] = [];
    for await (const { key } of store.items('weather/assemble')) scanned.push(key);
    expect(scanned).toEqual([...some].sort());
  });
});

describe('a ledger that is all there is', () => {
  const attributes = async (table: string): Promise<unknown> => {
    const { pk, sk } = itemKey(write());
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } }));
    return Item;
  };

  test('is marked for deletion in time, and no more when the key has state again', async () => {
    const { store, table } = await openStore();
    await store.write([write({ state: undefined })]);
    expect(await attributes(table)).toMatchObject({ x: { N: '1060' } });
    await store.write([write({ expected: 1 })]);
    expect(await attributes(table)).not.toHaveProperty('x');
  });
});
