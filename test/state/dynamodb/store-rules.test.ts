import { describe, expect, test } from '@jest/globals';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { itemBytes } from '../../../shared/state/dynamodb/item-size.ts';
import { bucketOf } from '../../../shared/state/dynamodb/row-keys.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { at, rowAt, write } from '../../../shared/testing/state-store-rule.ts';
import { endpoint, fault, part, sleepingClock, type Answer, type Call } from './endpoint.ts';
import { tableDouble } from './table-double.ts';

const COLLECTION = 'weather/assemble';

/** A store over tables in this process; `interfere` may answer a call in their place. */
const withStore = async (
  check: (store: StateStore, calls: readonly Call[]) => Promise<void>,
  interfere: (call: Call, index: number) => Answer | undefined = () => undefined,
): Promise<void> => {
  const double = tableDouble({ state: STATE_TABLE, rows: ROW_TABLE });
  await using server = await endpoint((call, index) => interfere(call, index) ?? double.answer(call));
  const { client, calls } = server;
  const tables = { 'weather-daily': 'rows' };
  await check(dynamoStore({ ...sleepingClock(60_000), client, stateTable: 'state', tables, forgetAfterMs: 1 }), calls);
};

const operations = (calls: readonly Call[]): readonly string[] => calls.map(({ operation }) => operation);

describe('timers', () => {
  test('of a partition without event time are not asked for', async () => {
    await withStore(async (store, calls) => {
      await store.write([write(at('a'), 0, { timerMs: 5 })]);
      const before = calls.length;
      expect(await store.due(COLLECTION, [{ partitionKey: 'US-AZ', dueMs: -Infinity }])).toEqual([]);
      expect(calls.length).toBe(before);
    });
  });

  test('of several partitions are each due at the time of their own', async () => {
    await withStore(async (store, calls) => {
      await store.write([
        write(at('a', 'P'), 0, { timerMs: 5 }),
        write(at('b', 'P'), 0, { timerMs: 6 }),
        write(at('c', 'Q'), 0, { timerMs: 5 }),
        write(at('d', 'R'), 0, { timerMs: 9_000_000_000 }),
      ]);
      const due = await store.due(COLLECTION, [
        { partitionKey: 'P', dueMs: 5 },
        { partitionKey: 'Q', dueMs: 4 },
        { partitionKey: 'R', dueMs: Infinity },
      ]);
      expect(due.map(({ key }) => key).sort()).toEqual(['a', 'd']);
      // DynamoDB has no such number.
      expect(JSON.stringify(calls)).not.toContain('Infinity');
    });
  });
});

describe('the index of activity', () => {
  const quiet = { collection: COLLECTION, partitionKey: 'P', watermarkMs: 1, activeAtMs: 60_000, version: 0 };

  test('lets go of a partition without timers once it is asked for idle ones, and not before', async () => {
    await withStore(async (store, calls) => {
      await store.advance([quiet]);
      expect(await store.idle(COLLECTION, 59_999)).toEqual([]);
      expect(operations(calls)).not.toContain('UpdateItem');
      expect(await store.idle(COLLECTION, 60_000)).toEqual([]);
      expect(operations(calls).filter((one) => one === 'UpdateItem')).toHaveLength(1);
      // Gone from the index, not from the table.
      expect(await store.progress(COLLECTION, ['P'])).toEqual([{ ...quiet, version: 1 }]);
      expect(await store.idle(COLLECTION, 60_000)).toEqual([]);
      expect(operations(calls).filter((one) => one === 'UpdateItem')).toHaveLength(1);
    });
  });

  test('keeps a partition without timers where all are asked for, for a batch may be about to set one', async () => {
    await withStore(async (store, calls) => {
      await store.advance([quiet]);
      expect(await store.idle(COLLECTION, Infinity)).toEqual([]);
      expect(operations(calls)).not.toContain('UpdateItem');
    });
  });

  test('lists a partition by the minute it was active in, each once', async () => {
    await withStore(async (store) => {
      await store.write([write(at('a', 'P'), 0, { timerMs: 5 }), write(at('a', 'Q'), 0, { timerMs: 5 })]);
      await store.advance([
        { ...quiet, activeAtMs: 119_999 },
        { ...quiet, partitionKey: 'Q', activeAtMs: 120_000 },
      ]);
      expect(await store.idle(COLLECTION, 119_998)).toEqual([]);
      expect(await store.idle(COLLECTION, 119_999)).toEqual(['P']);
      expect(await store.idle(COLLECTION, 120_000)).toEqual(['P', 'Q']);
    });
  });

  test('is left to the next sweep where a batch has moved the partition in between', async () => {
    await withStore(
      async (store, calls) => {
        await store.advance([quiet]);
        expect(await store.idle(COLLECTION, 60_000)).toEqual([]);
        expect(part(calls.at(-1)?.input, 'ConditionExpression')).toBe('v = :v');
        expect(part(calls.at(-1)?.input, 'ExpressionAttributeValues', ':v', 'N')).toBe('1');
      },
      ({ operation }) => (operation === 'UpdateItem' ? fault('ConditionalCheckFailedException') : undefined),
    );
  });

  test('says what is wrong where a partition cannot be taken off it', async () => {
    await withStore(
      async (store) => {
        await store.advance([quiet]);
        await expect(store.idle(COLLECTION, 60_000)).rejects.toMatchObject({ name: 'AccessDeniedException' });
      },
      ({ operation }) => (operation === 'UpdateItem' ? fault('AccessDeniedException') : undefined),
    );
  });
});

describe('a table of rows', () => {
  test('has no room for timers and event time, and says what to do', async () => {
    await withStore(async (store) => {
      const expected = /table 'weather-daily' has no room for timers or event time: leave 'as' out/u;
      await expect(store.write([write(rowAt('a'), 0, { timerMs: 1 })])).rejects.toThrow(expected);
      await expect(store.progress('weather-daily', ['P'])).rejects.toThrow(expected);
      await expect(store.due('weather-daily', [])).rejects.toThrow(expected);
      await expect(store.idle('weather-daily', 0)).rejects.toThrow(expected);
    });
  });

  test('may be read as a whole, without what is no row', async () => {
    await withStore(async (store) => {
      await store.write([
        write(rowAt('b'), 0),
        write(rowAt('a'), 0),
        write(rowAt('gone'), 0, { state: undefined }),
        write(at('a'), 0),
      ]);
      const keys: [string, string | undefined][] = [];
      for await (const { key, state } of store.items('weather-daily')) keys.push([key, state]);
      expect(keys).toEqual([
        ['a', '{"n":1}'],
        ['b', '{"n":1}'],
        ['gone', undefined],
      ]);
    });
  });
});

describe('a function that was deployed without tables', () => {
  test('says that it knows none', async () => {
    await using server = await endpoint(() => fault('ResourceNotFoundException'));
    const { client } = server;
    const store = dynamoStore({
      ...sleepingClock(1),
      client,
      stateTable: 'state',
      tables: {},
      forgetAfterMs: 1,
    });
    await expect(store.load([rowAt('a')])).rejects.toThrow(/only for none: deploy it again/u);
  });
});

describe('a write', () => {
  // The same names as DynamoDB's.
  const cases: readonly (readonly [name: string, message: string, outcome: string])[] = [
    ['ConditionalCheckFailedException', 'The conditional request failed', 'conflict'],
    ['ItemCollectionSizeLimitExceededException', 'too much under one key', 'refused'],
    ['ValidationException', 'Item size has exceeded the maximum allowed size', 'too-large'],
    ['ValidationException', 'One or more parameter values were invalid', 'refused'],
  ];

  test.each(cases)('that is answered with %s (%s) concerns its item alone: %s', async (name, message, outcome) => {
    await withStore(
      async (store) => {
        expect(await store.write([write(at('bad'), 0), write(at('good'), 0)])).toEqual([outcome, 'written']);
      },
      ({ input }) => (part(input, 'Item', 'sk', 'S') === 'bad' ? fault(name, 400, message) : undefined),
    );
  });

  test.each([
    'The provided key element does not match the schema',
    'Type mismatch for Index Key t',
    'Missing the key pk',
  ])('that says that the table is laid out otherwise concerns all: %s', async (message) => {
    await withStore(
      async (store) => {
        await expect(store.write([write(at('a'), 0)])).rejects.toMatchObject({ name: 'ValidationException' });
      },
      ({ operation }) => (operation === 'PutItem' ? fault('ValidationException', 400, message) : undefined),
    );
  });

  test.each(['TransactionConflictException', 'ReplicatedWriteConflictException', 'ThrottlingException'])(
    'that meets %s is made again',
    async (name) => {
      await withStore(
        async (store) => {
          expect(await store.write([write(at('a'), 0), write(at('b'), 0)])).toEqual(['written', 'written']);
        },
        (_call, index) => (index < 3 ? fault(name) : undefined),
      );
    },
  );

  test('of an item that cannot fit makes no call, and keeps no other back', async () => {
    await withStore(async (store, calls) => {
      const large = write(at('large'), 0, { state: JSON.stringify('x'.repeat(410_000)) });
      expect(await store.write([large])).toEqual(['too-large']);
      expect(calls).toEqual([]);
      expect(await store.write([large, write(at('a'), 0)])).toEqual(['too-large', 'written']);
      expect(await store.write([])).toEqual([]);
    });
  });
});

test('a kind of attribute that the store never writes counts as a byte and its name', () => {
  expect(itemBytes({ flag: { BOOL: true } })).toBe(5);
});

test('rows and partitions stay where they are stored, whatever becomes of the code', () => {
  const keys = ['US-AZ', 'US-VT', '', 'a', 'é', 'sensor-7', 'sensor-8', '😀'];
  expect(keys.map(bucketOf)).toEqual([6, 0, 3, 2, 2, 1, 3, 0]);
});
