import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deliveredRecords, isKinesisEvent, type EventRecord } from '../../shared/runtime/kinesis-event.ts';

const NOW_MS = Date.UTC(2030, 0, 1);
const ARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/raw';

const record = (kinesis: object = {}, more: object = {}): object => ({
  kinesis: {
    partitionKey: 'A',
    sequenceNumber: '7',
    data: 'e30=',
    approximateArrivalTimestamp: 1_545_084_650.987,
    ...kinesis,
  },
  ...more,
});

const read = (...records: readonly object[]): readonly EventRecord[] => {
  const event: unknown = { Records: records };
  if (!isKinesisEvent(event)) throw new Error('not a Kinesis event');
  return deliveredRecords(event, NOW_MS);
};

test('a record of an event is delivered with its shard', () => {
  const eventID = 'shardId-000000000012:7';
  expect(read(record({}, { eventID, eventSourceARN: ARN }))).toEqual([
    {
      partitionKey: 'A',
      sequenceNumber: '7',
      data: Buffer.from('{}'),
      arrivalMs: 1_545_084_650_987,
      shard: '12~d4ae0b84',
    },
  ]);
});

describe('the arrival of a record', () => {
  const at = 1_545_084_650_987;
  test.each([
    ['seconds', 1_545_084_650.987, at],
    ['milliseconds', at, at],
    ['microseconds', at * 1000, at],
    ['seconds as text', '1545084650.987', at],
    ['milliseconds as text', String(at), at],
    ['a date', '2018-12-17T22:10:50.987Z', at],
    ['a date with a blank and a zone', '2018-12-17 23:10:50.987000+01:00', at],
    ['a date without a zone, which is UTC', '2018-12-17T22:10:50.987', at],
    ['the first second', 978_307_200, Date.UTC(2001, 0, 1)],
    ['the last millisecond', Date.UTC(2100, 0, 1) - 1, Date.UTC(2100, 0, 1) - 1],
  ])('is read from %s', (_what, approximateArrivalTimestamp, arrivalMs) => {
    expect(read(record({ approximateArrivalTimestamp }))).toMatchObject([{ arrivalMs }]);
  });

  test.each([
    undefined,
    null,
    0,
    -1,
    978_307_199,
    Number.NaN,
    Infinity,
    5e12,
    1e30,
    '',
    'yesterday',
    '0001-01-01',
    {},
    true,
  ])(
    'is the clock of the invocation where it is %p, in which no date from 2001 to 2100 is',
    (approximateArrivalTimestamp) => {
      expect(read(record({ approximateArrivalTimestamp }))).toMatchObject([{ arrivalMs: NOW_MS }]);
    },
  );

  test('is the same date in each unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2100, 0, 1) - 1 }), (timeMs) => {
        const forms = [timeMs / 1000, timeMs, timeMs * 1000, new Date(timeMs).toISOString()];
        const records = read(...forms.map((approximateArrivalTimestamp) => record({ approximateArrivalTimestamp })));
        expect(records.map(({ arrivalMs }) => arrivalMs)).toEqual([timeMs, timeMs, timeMs, timeMs]);
      }),
    );
  });
});

describe('the shard of a record', () => {
  const shardsOf = (...more: readonly object[]): readonly (string | undefined)[] =>
    read(...more.map((one) => record({}, one))).map(({ shard }) => shard);

  test('is that of its own event id and stream, record by record', () => {
    expect(
      shardsOf(
        { eventID: 'shardId-000000000001:7' },
        { eventID: 'shardId-000000000001:7', eventSourceARN: ARN },
        { eventID: 'shardId-000000000001:7', eventSourceARN: ARN },
        { eventID: 'shardId-000000000011:7', eventSourceARN: ARN },
        { eventID: 'shardId-000000000001:7', eventSourceARN: `${ARN}-2` },
      ),
    ).toEqual(['1', '1~d4ae0b84', '1~d4ae0b84', '11~d4ae0b84', expect.stringMatching(/^1~(?!d4ae0b84)/)]);
  });

  test.each([undefined, 7, '', ':7', 'shardId-000000000001', 'shardId-000000000001:77', '5d41402a-bc4b'])(
    'is left open where the event id is %p: an id that is new in each delivery must not name a lane',
    (eventID) => {
      expect(shardsOf({ eventID, eventSourceARN: ARN })).toEqual([undefined]);
    },
  );
});

describe('a record that cannot be read', () => {
  test.each([
    ['no data', { data: undefined }, "the event's record has no data, which must be base64 text"],
    ['data that is null', { data: null }, "the event's record has a wrong data, which must be base64 text"],
    ['data that is bytes', { data: [123, 125] }, "the event's record has a wrong data, which must be base64 text"],
    ['data in plain text', { data: '{"n":1}' }, "the event's record has a wrong data, which must be base64 text"],
    ['data that is cut off', { data: 'e30' }, "the event's record has a wrong data, which must be base64 text"],
    ['no partition key', { partitionKey: undefined }, "the event's record has no partitionKey, which must be text"],
    [
      'a partition key that is a number',
      { partitionKey: 5 },
      "the event's record has a wrong partitionKey, which must be text",
    ],
  ])('for %s says so, and the others are delivered', (_what, kinesis, unreadable) => {
    const [good, bad, next] = read(
      record(),
      record({ sequenceNumber: '8', ...kinesis }),
      record({ sequenceNumber: '9' }),
    );
    expect(good).not.toHaveProperty('unreadable');
    expect(bad).toMatchObject({ sequenceNumber: '8', unreadable });
    expect(next).not.toHaveProperty('unreadable');
  });

  test('keeps what came in place of its data', () => {
    expect(read(record({ data: '{"n":1}' }))[0]?.data).toEqual(Buffer.from('{"n":1}'));
  });

  test('is none that only has an empty payload', () => {
    expect(read(record({ data: '' }))).toEqual([expect.objectContaining({ data: Buffer.alloc(0) })]);
    expect(read(record({ data: '' }))[0]).not.toHaveProperty('unreadable');
  });

  test('is none that is base64 of whatever bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const [one] = read(record({ data: Buffer.from(bytes).toString('base64') }));
        expect(one?.data).toEqual(Buffer.from(bytes));
        expect(one).not.toHaveProperty('unreadable');
      }),
    );
  });
});

describe('a sequence number', () => {
  test('may be a small JSON number', () => {
    expect(read(record({ sequenceNumber: 12 }))).toMatchObject([{ sequenceNumber: '12' }]);
  });

  test.each([
    [4.959e55, 'the JSON number 4.959e+55, which has lost its last digits'],
    [Number.MAX_SAFE_INTEGER + 1, 'the JSON number 9007199254740992'],
    [1.5, 'the JSON number 1.5'],
    [-1, 'the JSON number -1'],
    ['', "''"],
    ['-1', "'-1'"],
    ['4x', "'4x'"],
    ['4'.repeat(100), `'${'4'.repeat(60)}'`],
    [undefined, 'undefined'],
    [null, 'null'],
    [{}, 'object'],
  ])('%p is refused with its event, and the error names the record', (sequenceNumber, got) => {
    expect(() => read(record(), record({ sequenceNumber }))).toThrow(
      `record 2 of 2 of the event has the sequence number ${got}`,
    );
  });
});

test.each([
  ['no records', { Records: [] }, true],
  ['a Kinesis record', { Records: [record()] }, true],
  ['no list', { Records: {} }, false],
  ['records of another service', { Records: [record(), { Sns: { Message: 'x' } }] }, false],
  ['a record that is null', { Records: [null] }, false],
  ['a record whose kinesis is text', { Records: [{ kinesis: 'x' }] }, false],
])('an event of %s is a Kinesis event: %#', (_what, event, expected) => {
  expect(isKinesisEvent(event)).toBe(expected);
});
