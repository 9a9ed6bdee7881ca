import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { dynamoStore, type DynamoStoreOptions } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { MAX_ITEM_BYTES, type ConditionalWrite, type StateStore } from '../../../shared/state/state-store.ts';
import { endpoint, fault, OK, part, sleepingClock, type Answer, type Call, type Endpoint } from './endpoint.ts';

const storeOf = ({ client }: Endpoint, options: Partial<DynamoStoreOptions> = {}): StateStore =>
  dynamoStore({ client, stateTable: 'state', tables: {}, forgetAfterMs: 1000, ...sleepingClock(60_000), ...options });

const keys = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `k${String(index)}`);

const write = (key: string, expected = 0): ConditionalWrite => ({
  collection: 'p',
  partitionKey: 'A',
  key,
  expected,
  state: '1',
  ledger: {},
  timerMs: undefined,
  writtenAtMs: 0,
});

const address = (key: string): { collection: string; partitionKey: string; key: string } => ({
  collection: 'p',
  partitionKey: 'A',
  key,
});

/** The keys of the items that a call asks for or writes. */
const sortKeys = ({ operation, input }: Call): readonly unknown[] => {
  if (operation !== 'BatchGetItem') return [part(input, 'Item', 'sk', 'S')];
  const asked = part(input, 'RequestItems', 'state', 'Keys');
  return Array.isArray(asked) ? asked.map((key: unknown) => part(key, 'sk', 'S')) : [];
};

const stored = (key: unknown): object => ({
  pk: { S: 'p|A' },
  sk: { S: key },
  v: { N: '1' },
  s: { S: `"${String(key)}"` },
});

/** Answers a read with some of the keys, and says that the others were not processed. */
const answerSome = (call: Call, most: number): Answer => {
  const asked = sortKeys(call);
  const left = asked.slice(most).map((key) => ({ pk: { S: 'p|A' }, sk: { S: key } }));
  return {
    kind: 'ok',
    body: {
      Responses: { state: asked.slice(0, most).map(stored).reverse() },
      UnprocessedKeys: left.length === 0 ? {} : { state: { Keys: left } },
    },
  };
};

describe('a read', () => {
  test('asks for 100 keys a call at most, as they are now, and answers in the order of the addresses', async () => {
    await using server = await endpoint((call) => answerSome(call, 100));
    const found = await storeOf(server).load(keys(230).map(address));
    expect(found.map((item) => item?.state)).toEqual(keys(230).map((key) => `"${key}"`));
    expect(server.calls.map((call) => sortKeys(call).length).sort()).toEqual([100, 100, 30]);
    for (const { input } of server.calls) {
      expect(part(input, 'RequestItems', 'state', 'ConsistentRead')).toBe(true);
    }
  });

  test('asks again for the keys that DynamoDB leaves unprocessed, and for those only', async () => {
    await using server = await endpoint((call) => answerSome(call, 40));
    const found = await storeOf(server).load(keys(100).map(address));
    expect(found.map((item) => item?.key)).toEqual(keys(100));
    expect(server.calls.map((call) => sortKeys(call).length)).toEqual([100, 60, 20]);
  });

  test('that cannot be finished before the deadline rejects, and says of which table, why and what to do', async () => {
    await using server = await endpoint(() => fault('ProvisionedThroughputExceededException'));
    const clock = sleepingClock(3_000);
    await expect(storeOf(server, clock).load([address('a')])).rejects.toThrow(
      /^items of table 'state' could not be read in the time that was left \(ProvisionedThroughputExceededException: asked for\): give/u,
    );
    expect(clock.nowMs()).toBeLessThan(clock.deadlineMs());
    expect(server.calls.length).toBeGreaterThan(3);
  });

  test('that never gets further rejects too, though each call is answered', async () => {
    await using server = await endpoint((call) => answerSome(call, 0));
    await expect(storeOf(server, sleepingClock(3_000)).load([address('a')])).rejects.toThrow(
      /DynamoDB left 1 keys of a call unprocessed/u,
    );
  });

  test('begun after the deadline makes no call', async () => {
    await using server = await endpoint(() => OK);
    await expect(storeOf(server, sleepingClock(0)).load([address('a')])).rejects.toThrow(
      /could not be read in the time/u,
    );
    expect(server.calls).toEqual([]);
  });

  test('of a table that is not there rejects at once', async () => {
    await using server = await endpoint(() => fault('ResourceNotFoundException'));
    await expect(storeOf(server).load([address('a')])).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(server.calls).toHaveLength(1);
  });

  test('of nothing makes no call', async () => {
    await using server = await endpoint(() => OK);
    const store = storeOf(server);
    expect([await store.load([]), await store.due('p', []), await store.progress('p', [])]).toEqual([[], [], []]);
    expect(server.calls).toEqual([]);
  });

  test('of an index goes on where its page ends, and takes an item once that it meets twice', async () => {
    const page = (key: string): object => ({ pk: { S: 'p|A' }, sk: { S: key }, t: { N: '5' } });
    await using server = await endpoint((call) => {
      if (call.operation === 'BatchGetItem') {
        return {
          kind: 'ok',
          body: { Responses: { state: sortKeys(call).map((key) => ({ ...stored(key), t: { N: '5' } })) } },
        };
      }
      return part(call.input, 'ExclusiveStartKey') === undefined
        ? { kind: 'ok', body: { Items: [page('a'), page('b')], LastEvaluatedKey: page('b') } }
        : { kind: 'ok', body: { Items: [page('a'), page('c')] } };
    });
    const due = await storeOf(server).due('p', [{ partitionKey: 'A', dueMs: 5 }]);
    expect(due.map(({ key }) => key).sort()).toEqual(['a', 'b', 'c']);
  });

  test('leaves out what is no longer due when it comes to the item', async () => {
    await using server = await endpoint(({ operation }) => ({
      kind: 'ok',
      body:
        operation === 'Query'
          ? { Items: [{ pk: { S: 'p|A' }, sk: { S: 'a' }, t: { N: '5' } }] }
          : { Responses: { state: [{ ...stored('a'), t: { N: '6' } }] } },
    }));
    expect(await storeOf(server).due('p', [{ partitionKey: 'A', dueMs: 5 }])).toEqual([]);
  });
});

describe('a write', () => {
  test('is one call for each key, with the condition that no other writer came before', async () => {
    await using server = await endpoint(() => OK);
    await storeOf(server).write([write('a'), write('b', 7)]);
    const conditions = server.calls.map(({ operation, input }) => [
      operation,
      part(input, 'Item', 'sk', 'S'),
      part(input, 'Item', 'v', 'N'),
      part(input, 'ConditionExpression'),
      part(input, 'ExpressionAttributeValues'),
    ]);
    expect(conditions.sort()).toEqual([
      ['PutItem', 'a', '1', 'attribute_not_exists(pk)', undefined],
      ['PutItem', 'b', '8', 'v = :v', { ':v': { N: '7' } }],
    ]);
  });

  test('is a conflict, not tried again, if another writer won; the others are written', async () => {
    await using server = await endpoint((call) =>
      sortKeys(call)[0] === 'k1' ? fault('ConditionalCheckFailedException') : OK,
    );
    expect(await storeOf(server).write(keys(3).map((key) => write(key)))).toEqual(['written', 'conflict', 'written']);
    expect(server.calls).toHaveLength(3);
  });

  test.each([
    fault('ProvisionedThroughputExceededException'),
    fault('ThrottlingException'),
    fault('RequestLimitExceeded'),
    fault('TransactionConflictException'),
    fault('ReplicatedWriteConflictException'),
    fault('InternalServerError', 500),
    fault('ServiceUnavailable', 503),
    { kind: 'drop' } as const,
  ])('is tried again after %j', async (trouble) => {
    await using server = await endpoint((_, index) => (index < 2 ? trouble : OK));
    const clock = sleepingClock(60_000);
    expect(await storeOf(server, clock).write([write('a')])).toEqual(['written']);
    expect(server.calls).toHaveLength(3);
    expect(clock.slept).toEqual([50, 100]);
  });

  test('that is never answered is aborted and tried again', async () => {
    await using server = await endpoint((_, index) => (index === 0 ? { kind: 'hang' } : OK));
    expect(await storeOf(server, sleepingClock(60_000, 50)).write([write('a')])).toEqual(['written']);
  });

  test('whose answer was lost is a conflict: it has happened, and the ledger says so', async () => {
    const happened = new Set<unknown>();
    await using server = await endpoint((call, index) => {
      const [key] = sortKeys(call);
      if (happened.has(key)) return fault('ConditionalCheckFailedException');
      happened.add(key);
      return index === 0 ? { kind: 'drop' } : OK;
    });
    expect(await storeOf(server).write([write('a')])).toEqual(['conflict']);
  });

  test('that is throttled until the deadline is answered so; the other keys are written', async () => {
    await using server = await endpoint((call) =>
      sortKeys(call)[0] === 'k0' ? fault('ProvisionedThroughputExceededException') : OK,
    );
    const clock = sleepingClock(5_000);
    const outcomes = await storeOf(server, clock).write(keys(3).map((key) => write(key)));
    expect(outcomes).toEqual(['throttled', 'written', 'written']);
    expect(clock.nowMs()).toBeLessThan(clock.deadlineMs());
  });

  test('is not kept waiting by other keys that are throttled, however many', async () => {
    await using server = await endpoint((call) =>
      part(call.input, 'Item', 'pk', 'S') === 'p|hot' ? fault('ThrottlingException') : OK,
    );
    const hot = keys(200).map((key) => ({ ...write(key), partitionKey: 'hot' }));
    // Time really passes here, while the hot keys wait for their next attempt.
    const untilMs = Date.now() + 3_000;
    const clock = { nowMs: Date.now, sleep: (ms: number) => setTimeout(ms), deadlineMs: () => untilMs };
    const outcomes = await storeOf(server, clock).write([...hot, write('a')]);
    expect([outcomes.at(-1), new Set(outcomes.slice(0, -1))]).toEqual(['written', new Set(['throttled'])]);
  });

  test('of an item that DynamoDB would refuse for its size is not sent', async () => {
    await using server = await endpoint(() => OK);
    const large = { ...write('a'), ledger: { lane: 'x'.repeat(410_000) } };
    expect(await storeOf(server).write([large, write('b')])).toEqual(['too-large', 'written']);
    expect(server.calls).toHaveLength(1);
  });

  test('counts the keys of an item with a timer twice, as the index of timers does', async () => {
    await using server = await endpoint(() => OK);
    const state = 'x'.repeat(MAX_ITEM_BYTES - 1_500);
    const parts = { ...write('k'.repeat(1_000)), state };
    expect(await storeOf(server).write([parts, { ...parts, timerMs: 1 }])).toEqual(['written', 'too-large']);
  });

  test.each([
    ['its item collection is full', 'ItemCollectionSizeLimitExceededException', 'Collection size exceeded.', 'refused'],
    ['it is too large', 'ValidationException', 'Item size has exceeded the maximum allowed size', 'too-large'],
    [
      'its partition key is too large',
      'ValidationException',
      'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
      'too-large',
    ],
    [
      'its sort key is too large',
      'ValidationException',
      'One or more parameter values were invalid: Size of rangekey has exceeded the maximum size limit of1024 bytes',
      'too-large',
    ],
    [
      'a key of it is empty',
      'ValidationException',
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: sk',
      'refused',
    ],
    ['its timer is no number there', 'ValidationException', 'Number overflow. Attempting to store a number', 'refused'],
  ])('that DynamoDB refuses because %s is the outcome of that item alone', async (_why, name, message, outcome) => {
    await using server = await endpoint((call) => (sortKeys(call)[0] === 'k1' ? fault(name, 400, message) : OK));
    const outcomes = await storeOf(server).write(keys(3).map((key) => write(key)));
    expect(outcomes).toEqual(['written', outcome, 'written']);
    expect(server.calls).toHaveLength(3);
  });

  test.each([
    ['ResourceNotFoundException', 'Requested resource not found'],
    ['AccessDeniedException', 'not authorized to perform: dynamodb:PutItem'],
    ['ValidationException', 'The provided key element does not match the schema'],
    ['ValidationException', 'One or more parameter values were invalid: Missing the key b in the item'],
    [
      'ValidationException',
      'One or more parameter values were invalid: Type mismatch for key pk expected: B actual: S',
    ],
    ['ValidationException', 'Invalid ConditionExpression: Syntax error'],
  ])('that every item would meet with rejects, and is not tried again: %s, %s', async (name, message) => {
    await using server = await endpoint(() => fault(name, 400, message));
    await expect(storeOf(server).write([write('a')])).rejects.toMatchObject({ name });
    expect(server.calls).toHaveLength(1);
  });

  test('goes together with others, but not with more of them than the client has connections', async () => {
    await using server = await endpoint(async () => {
      await setTimeout(1);
      return OK;
    });
    const outcomes = await storeOf(server).write(keys(300).map((key) => write(key)));
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(300);
    expect(server.maxOpen()).toBeGreaterThan(1);
    expect(server.maxOpen()).toBeLessThanOrEqual(48);
  });
});

describe('progress', () => {
  const progress = { collection: 'p', partitionKey: 'A', watermarkMs: -Infinity, activeAtMs: 125_000, version: 3 };

  test('is kept apart from items, and listed by the whole minute it was active in', async () => {
    await using server = await endpoint(() => OK);
    expect(await storeOf(server).advance([progress])).toEqual(['written']);
    expect(part(server.calls[0]?.input, 'Item')).toEqual({
      pk: { S: 'p#A' },
      sk: { S: '#' },
      a: { N: '125000' },
      d: { S: 'p#5' },
      i: { N: '2' },
      v: { N: '4' },
    });
    expect(part(server.calls[0]?.input, 'ConditionExpression')).toBe('v = :v');
  });

  const progressOf = (partitionKey: string): object => ({
    pk: { S: `p#${partitionKey}` },
    sk: { S: '#' },
    v: { N: '3' },
    a: { N: '1' },
  });

  /** An index that lists two partitions; only 'with' has a timer. */
  const indexOfTwo = (call: Call): Answer => {
    if (call.operation === 'BatchGetItem')
      return { kind: 'ok', body: { Responses: { state: [progressOf('with'), progressOf('none')] } } };
    if (call.operation !== 'Query') return OK;
    const index = part(call.input, 'IndexName');
    const values = JSON.stringify(part(call.input, 'ExpressionAttributeValues'));
    const isFound = index === 'activity' ? values.includes('p#0') : values.includes('p|with');
    return { kind: 'ok', body: { Items: isFound ? [progressOf('with'), progressOf('none')] : [] } };
  };

  test('of a quiet partition without timer is taken off the index, unless a batch has moved it since', async () => {
    await using server = await endpoint(indexOfTwo);
    expect(await storeOf(server).idle('p', 60_000)).toEqual(['with']);
    const updates = server.calls.filter(({ operation }) => operation === 'UpdateItem');
    expect(updates.map(({ input }) => input)).toEqual([
      {
        TableName: 'state',
        Key: { pk: { S: 'p#none' }, sk: { S: '#' } },
        UpdateExpression: 'REMOVE d, i',
        ConditionExpression: 'v = :v',
        ExpressionAttributeValues: { ':v': { N: '3' } },
      },
    ]);
  });

  test('stays on the index where all partitions are asked for: a batch may be about to set a timer', async () => {
    await using server = await endpoint(indexOfTwo);
    expect(await storeOf(server).idle('p', Infinity)).toEqual(['with']);
    expect(server.calls.filter(({ operation }) => operation === 'UpdateItem')).toEqual([]);
  });

  test('that a batch moves while its partition is taken off the index keeps it there', async () => {
    await using server = await endpoint((call) =>
      call.operation === 'UpdateItem' ? fault('ConditionalCheckFailedException') : indexOfTwo(call),
    );
    expect(await storeOf(server).idle('p', 60_000)).toEqual(['with']);
  });
});
