import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sequenceNumberAt } from '../../shared/runtime/local/log/sequence-counter.ts';
import { shardName, shardOfSequenceNumber } from '../../shared/stream/shard-name.ts';

const RAW = 'arn:aws:kinesis:eu-west-1:123456789012:stream/raw';
const OTHERS = [
  'arn:aws:kinesis:us-east-1:123456789012:stream/raw',
  'arn:aws:kinesis:eu-west-1:210987654321:stream/raw',
  'arn:aws:kinesis:eu-west-1:123456789012:stream/raw-2',
];

describe('the name of a shard', () => {
  test.each([
    ['shardId-000000000000', '0'],
    ['shardId-000000000012', '12'],
    ['shardId-120000000000', '120000000000'],
    ['shardId-7', '7'],
    ['shard.A_1-b', 'shard.A_1-b'],
    ['0012', '0012'],
  ])('of the id %s is %s where the stream is not known', (shardId, name) => {
    expect(shardName({ shardId })).toBe(name);
  });

  test.each(['a~b', 'a/b', 'a@b', 'a;b', 'a b', '\u{1f327}', 'x'.repeat(129), 'shardId-1\n'])(
    'of the id %j is a hash, because a lane could not carry it',
    (shardId) => {
      expect(shardName({ shardId })).toMatch(/^[0-9a-f]{16}$/);
    },
  );

  test('differs between streams of another region, account or name', () => {
    const shardId = 'shardId-000000000012';
    const names = [RAW, ...OTHERS].map((streamArn) => shardName({ streamArn, shardId }));
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^12~[0-9a-f]{8}$/);
  });

  test('is none without an id, because a stream alone has no order', () => {
    expect(shardName({})).toBeUndefined();
    expect(shardName({ streamArn: RAW })).toBeUndefined();
    expect(shardName({ streamArn: RAW, shardId: '' })).toBeUndefined();
  });

  test('has only characters that a lane may have, whatever the id', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.option(fc.string(), { nil: undefined }),
        (shardId, streamArn) => {
          expect(shardName({ shardId, streamArn })).toMatch(/^[a-zA-Z0-9._~-]{1,137}$/);
        },
      ),
    );
  });
});

/** A sequence number as Kinesis makes it. */
const sequenceNumber = (
  creation: number,
  index: number,
  counter = 0n,
  time = creation,
  zeros = 0,
  version = 2,
): string => {
  const hex = (value: number | bigint, digits: number): string =>
    value.toString(16).padStart(digits, '0').slice(-digits);
  const digits = ['2', hex(creation, 9), hex(index, 1), hex(counter, 16), hex(zeros, 2), hex(time, 9), hex(index, 8)];
  return BigInt(`0x${digits.join('')}${hex(version, 1)}`).toString();
};

describe('the shard that a sequence number names', () => {
  test.each([
    ['49590338271490256608559692538361571095921575989136588898', '1542776258.6'],
    ['49546986683135544286507457935754639466300920667981217794', '1421279230.0'],
    ['49601189658422359378836298521827638475320189012309704722', '1573188322.1'],
    ['49607933892580429045866716038015163261214518926441971714', '1592089692.0'],
  ])('is read from %s', (number, shard) => {
    expect(shardOfSequenceNumber(number)).toBe(shard);
  });

  test('is the same for all its records and another for every other shard, in whatever order they are asked', () => {
    const creations = fc.integer({ min: 1_384_300_800, max: 2_600_000_000 });
    const records = fc.array(
      fc.record({
        shard: fc.nat(3),
        counter: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
        age: fc.nat(1_000_000_000),
      }),
      { maxLength: 40 },
    );
    const indices = fc.array(fc.oneof(fc.nat(40), fc.nat(0x7fffffff)), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(creations, indices, records, (creation, indexOf, deliveries) => {
        for (const { shard, counter, age } of deliveries) {
          const index = indexOf[shard] ?? 0;
          const number = sequenceNumber(creation, index, counter, creation + age);
          expect(shardOfSequenceNumber(number)).toBe(`${String(creation)}.${String(index)}`);
        }
      }),
    );
  });

  test('keeps shards apart whose numbers have the same beginning', () => {
    const numbers = [3, 19, 35, 3].map((index) => sequenceNumber(1_600_000_000, index));
    expect(numbers.map(shardOfSequenceNumber)).toEqual([
      '1600000000.3',
      '1600000000.19',
      '1600000000.35',
      '1600000000.3',
    ]);
  });

  test.each([
    ['nothing', ''],
    ['a small number', '7'],
    ['leading zeros', `00${sequenceNumber(1_600_000_000, 3).slice(2)}`],
    ['a digit more', `${sequenceNumber(1_600_000_000, 3)}0`],
    ['a version that is not of this form', sequenceNumber(1_600_000_000, 3, 0n, 1_600_000_000, 0, 1)],
    ['bits where Kinesis has none', sequenceNumber(1_600_000_000, 3, 0n, 1_600_000_000, 1)],
    ['a record long before its shard', sequenceNumber(1_600_000_000, 3, 0n, 1_500_000_000)],
    ['another fixed width', '4'.repeat(56)],
    ['no digits', 'x'.repeat(56)],
  ])('is none for %s', (_what, number) => {
    expect(shardOfSequenceNumber(number)).toBeUndefined();
  });

  test('is none for the numbers of the embedded log, which only begin like those of Kinesis', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (position) => {
        expect(shardOfSequenceNumber(sequenceNumberAt(position))).toBeUndefined();
      }),
    );
    expect(shardOfSequenceNumber(sequenceNumber(1_600_000_000, 3))).toBe('1600000000.3');
  });
});
