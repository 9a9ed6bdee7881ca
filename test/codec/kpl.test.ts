import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { deaggregate, isAggregated } from '../../shared/codec/kpl.ts';
import { peerAggregate, peerCanHold } from '../support/aws-kinesis-agg.ts';

const MAGIC = [0xf3, 0x89, 0x9a, 0xc2];

/** An aggregate around any protobuf bytes, with a digest that is right. */
const sealed = (...protobuf: readonly number[]): Buffer =>
  Buffer.from([...MAGIC, ...protobuf, ...createHash('md5').update(Buffer.from(protobuf)).digest()]);

const KEY_A = [0x0a, 1, 0x61];
const record = (...message: readonly number[]): number[] => [0x1a, message.length, ...message];
const AA_IN_A = record(0x08, 0, 0x1a, 2, 0xaa, 0xaa);

const reasonOf = (bytes: Uint8Array): string => {
  const outcome = deaggregate(bytes);
  return outcome.kind === 'malformed' ? outcome.reason : `records: ${String(outcome.records.length)}`;
};

describe('what an aggregate holds', () => {
  test('whatever aws-kinesis-agg packs comes out in order, with its keys', () => {
    const key = fc
      .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
      .filter((text) => text.isWellFormed() && peerCanHold(text));
    const peerRecord = fc.record({
      partitionKey: key,
      data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(peerRecord, { minLength: 1, maxLength: 30 }), (records) => {
        const outcome = deaggregate(peerAggregate(records));
        expect(outcome).toEqual({
          kind: 'records',
          records: records.map(({ partitionKey, data }) => ({
            partitionKey,
            explicitHashKey: undefined,
            data,
          })),
        });
      }),
    );
  });

  test('an explicit hash key is taken from its table', () => {
    const bytes = peerAggregate([
      { partitionKey: 'a', explicitHashKey: 'h7', data: Buffer.from('1') },
      { partitionKey: 'b', explicitHashKey: 'h8', data: Buffer.from('2') },
    ]);
    expect(deaggregate(bytes)).toMatchObject({
      kind: 'records',
      records: [
        { partitionKey: 'a', explicitHashKey: 'h7' },
        { partitionKey: 'b', explicitHashKey: 'h8' },
      ],
    });
  });

  test('tables may follow the records that point into them', () => {
    expect(deaggregate(sealed(...AA_IN_A, ...KEY_A))).toMatchObject({ records: [{ partitionKey: 'a' }] });
  });

  test('tags and unknown fields are stepped over, at the top and in a record', () => {
    const unknown = [0x78, 0x96, 0x01, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7a, 1, 9, 0x7d, 1, 2, 3, 4];
    const bytes = sealed(...unknown, ...KEY_A, ...record(0x22, 2, 0x0a, 0, 0x08, 0, ...unknown, 0x1a, 0));
    expect(deaggregate(bytes)).toMatchObject({ records: [{ partitionKey: 'a', data: Buffer.alloc(0) }] });
  });

  test('a partition key may have 256 characters, whatever their bytes', () => {
    const partitionKey = '\u{1F300}'.repeat(256);
    const bytes = peerAggregate([{ partitionKey, data: Buffer.from('1') }]);
    expect(deaggregate(bytes)).toMatchObject({ records: [{ partitionKey }] });
  });

  test('an aggregate of no records is an aggregate', () => {
    expect(deaggregate(sealed(...KEY_A))).toEqual({ kind: 'records', records: [] });
  });

  test('data is a view of the same memory, not a copy', () => {
    const bytes = sealed(...KEY_A, ...AA_IN_A);
    const outcome = deaggregate(bytes);
    expect(outcome.kind === 'records' && outcome.records[0]?.data.buffer === bytes.buffer).toBe(true);
  });
});

describe('what is malformed', () => {
  test.each([
    ['no magic number', Buffer.from('{"a":1}'), /magic number/],
    ['nothing but the magic number', Buffer.from(MAGIC), /ends before the digest/],
    ['a digest cut off', sealed(...KEY_A, ...AA_IN_A).subarray(0, -1), /digest does not match/],
    ['a plain payload that begins with the magic number', Buffer.from([...MAGIC, ...Buffer.alloc(40)]), /digest/],
    ['a tag that never ends', sealed(...Array<number>(12).fill(0xff)), /a field is cut off/],
    ['a field number of 0', sealed(0x02, 0), /a field is cut off/],
    ['a group', sealed(0x7b, 0x7c), /a field is cut off/],
    ['a fixed field past the end', sealed(0x79, 1, 2), /a field is cut off/],
    ['a key longer than the bytes', sealed(0x0a, 0xff, 0xff, 0xff, 0x7f, 0x61), /a key is cut off/],
    ['an empty partition key', sealed(0x0a, 0, ...record(0x08, 0, 0x1a, 0)), /a partition key has 0 bytes/],
    [
      'a partition key that Kinesis would not take',
      sealed(0x0a, 0x81, 0x08, ...Array<number>(1025).fill(0x61), ...record(0x08, 0, 0x1a, 0)),
      /a partition key has 1025 bytes/,
    ],
    ['a key that is not UTF-8', sealed(0x0a, 1, 0xff), /not UTF-8/],
    ['a record longer than the bytes', sealed(...KEY_A, 0x1a, 100, 0x08), /a field is cut off/],
    ['data longer than its record', sealed(...KEY_A, ...record(0x08, 0, 0x1a, 3, 1), ...KEY_A), /data is cut off/],
    ['data of 2^63 bytes', sealed(...KEY_A, ...record(0x1a, ...Array<number>(9).fill(0xff), 1)), /data is cut off/],
    ['an index past the record', sealed(...KEY_A, ...record(0x1a, 0, 0x08, 0x80)), /index is cut off/],
    ['a key outside the table', sealed(...KEY_A, ...record(0x08, 1, 0x1a, 0)), /partition key is not in the table/],
    [
      'a hash key outside the table',
      sealed(...KEY_A, ...record(0x08, 0, 0x10, 0, 0x1a, 0)),
      /explicit hash key is not/,
    ],
    ['a record without data', sealed(...KEY_A, ...record(0x08, 0)), /no data/],
    ['a record without a key', sealed(...KEY_A, ...record(0x1a, 0)), /no partition key index/],
  ])('%s', (_what, bytes, reason) => {
    expect(reasonOf(bytes)).toMatch(reason);
  });

  test('one changed bit anywhere is noticed', () => {
    const good = sealed(...KEY_A, ...AA_IN_A);
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const bad = Buffer.from(good);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(deaggregate(bad).kind).toBe('malformed');
    }
  });

  test('any protobuf bytes with a right digest have an outcome, never a throw', () => {
    const lump = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => [...bytes]),
      fc.constantFrom(KEY_A, AA_IN_A, [0x1a], [0x0a], [0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f], record(0x08, 0)),
    );
    fc.assert(
      fc.property(fc.array(lump, { maxLength: 8 }), (lumps) => {
        expect(['records', 'malformed']).toContain(deaggregate(sealed(...lumps.flat())).kind);
      }),
      { numRuns: 2000 },
    );
  });
});

test('text never looks like an aggregate, because the magic number is not UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      expect(isAggregated(Buffer.from(text))).toBe(false);
    }),
  );
});
