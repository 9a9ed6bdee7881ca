import { describe, expect, test } from '@jest/globals';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { rowStoreContract } from '../../../shared/testing/row-store-contract.ts';
import { stateStoreContract } from '../../../shared/testing/state-store-contract.ts';
import { at, CONTRACT_TABLES, rowAt, write } from '../../../shared/testing/state-store-rule.ts';
import { endpoint, sleepingClock } from './endpoint.ts';
import { tableDouble, type TableDouble } from './table-double.ts';

const TABLES = Object.fromEntries(CONTRACT_TABLES.map((name) => [name, `rows-of-${name}`]));

/** Runs a check on a store over tables that evaluate conditions and answer inconsistent reads with what was. */
const withStore = async (check: (store: StateStore, double: TableDouble) => Promise<void>): Promise<void> => {
  const layouts = Object.fromEntries(Object.values(TABLES).map((name) => [name, ROW_TABLE]));
  const double = tableDouble({ state: STATE_TABLE, ...layouts });
  await using server = await endpoint((call) => double.answer(call));
  const { client } = server;
  const store = dynamoStore({
    ...sleepingClock(60_000),
    client,
    stateTable: 'state',
    tables: TABLES,
    forgetAfterMs: 60_000,
  });
  await check(store, double);
};

describe('DynamoDB store, over tables in this process', () => {
  test.each(stateStoreContract)('$rule', ({ check }) => withStore(check));

  test.each(rowStoreContract)('of rows: $rule', ({ check }) => withStore(check));
});

test('a ledger that is all there is may be forgotten after its time, counted from when it was written', async () => {
  await withStore(async (store, { items }) => {
    await store.write([
      write(at('gone'), 0, { state: undefined, writtenAtMs: 1_000_000 }),
      write(at('timer'), 0, { state: undefined, timerMs: 5 }),
      write(at('state'), 0),
      write(rowAt('row'), 0, { state: undefined, writtenAtMs: 2_000_000 }),
    ]);
    expect([...items('state'), ...items('rows-of-weather-daily')].map((item) => item['x'])).toEqual([
      { N: '1060' },
      undefined,
      undefined,
      { N: '2060' },
    ]);
    await store.write([write(at('gone'), 1)]);
    expect(items('state').some((item) => 'x' in item)).toBe(false);
  });
});

test('people can read rows: key, owner and value', async () => {
  await withStore(async (store, { items }) => {
    await store.write([write(rowAt('US-AZ/2016-01-01'), 0, { state: '{"low":-1}' })]);
    expect(items('rows-of-weather-daily')).toEqual([
      {
        b: { S: expect.stringMatching(/^0[0-7]$/u) },
        k: { S: 'US-AZ/2016-01-01\0' },
        key: { S: 'US-AZ/2016-01-01' },
        owner: { S: 'US-AZ' },
        value: { S: '{"low":-1}' },
        v: { N: '1' },
        l: { M: { lane: { S: '011' } } },
      },
    ]);
  });
});

test('a row of a table that the function was not given is refused by name', async () => {
  await withStore(async (store) => {
    const address = { ...rowAt('a'), collection: 'other' };
    await expect(store.load([address])).rejects.toThrow(
      /no DynamoDB table for 'other', only for weather-daily, weather-log/u,
    );
    await expect(store.write([write(address, 0)])).rejects.toThrow(/deploy it again/u);
  });
});
