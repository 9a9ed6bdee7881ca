import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KINESIS_RECORD_BYTES, KplAggregator } from '../../shared/codec/kpl-aggregator.ts';
import { deaggregate } from '../../shared/codec/kpl.ts';
import { peerAggregate, peerCanHold, peerDeaggregate } from '../support/aws-kinesis-agg.ts';

const partitionKey = fc
  .string({ minLength: 1, maxLength: 256, unit: 'grapheme' })
  .filter((text) => text.isWellFormed() && text.length <= 256);
const payloads = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 40 });

const packed = (key: string, data: readonly Uint8Array[]): Uint8Array => {
  const aggregator = new KplAggregator({ partitionKey: key });
  for (const payload of data) aggregator.append(payload);
  return aggregator.finish();
};

test('aws-kinesis-agg takes our aggregates apart, in order and with their key', () => {
  fc.assert(
    fc.property(partitionKey, payloads, (key, data) => {
      expect(peerDeaggregate(packed(key, data))).toEqual(
        data.map((payload) => ({ partitionKey: key, data: Buffer.from(payload) })),
      );
    }),
  );
});

test('for one key we write the very bytes that aws-kinesis-agg writes', () => {
  fc.assert(
    fc.property(partitionKey.filter(peerCanHold), payloads, (key, data) => {
      const peer = peerAggregate(data.map((payload) => ({ partitionKey: key, data: Buffer.from(payload) })));
      expect(Buffer.from(packed(key, data)).equals(peer)).toBe(true);
    }),
  );
});

test('our own aggregates come back as they went in', () => {
  fc.assert(
    fc.property(partitionKey, payloads, (key, data) => {
      expect(deaggregate(packed(key, data))).toEqual({
        kind: 'records',
        records: data.map((payload) => ({ partitionKey: key, explicitHashKey: undefined, data: payload })),
      });
    }),
  );
});

describe('size', () => {
  test('sizeBytes is what finish returns, and with the key it never passes the limit', () => {
    fc.assert(
      fc.property(partitionKey, payloads, fc.integer({ min: 0, max: 5000 }), (key, data, room) => {
        const maxRecordBytes = 2 * Buffer.byteLength(key) + 24 + room;
        const aggregator = new KplAggregator({ partitionKey: key, maxRecordBytes });
        for (const payload of data) {
          const before = aggregator.sizeBytes;
          const fits = aggregator.append(payload);
          expect(aggregator.sizeBytes > before).toBe(fits);
          expect(aggregator.sizeBytes + Buffer.byteLength(key)).toBeLessThanOrEqual(maxRecordBytes);
        }
        const { sizeBytes } = aggregator;
        expect(aggregator.finish()).toHaveLength(sizeBytes);
      }),
    );
  });

  test('a payload that just fits a Kinesis record is taken, one byte more is not', () => {
    // magic 4, key 1+1+1, record tag and length 1+3, index 2, data tag and length 1+3, digest 16, the key once more 1
    const most = KINESIS_RECORD_BYTES - 34;
    const aggregator = new KplAggregator({ partitionKey: 'k' });
    expect(aggregator.append(new Uint8Array(most + 1))).toBe(false);
    expect(aggregator.append(new Uint8Array(most))).toBe(true);
    expect(aggregator.finish().length + 1).toBe(KINESIS_RECORD_BYTES);
  });

  test('what does not fit changes nothing', () => {
    const aggregator = new KplAggregator({ partitionKey: 'k', maxRecordBytes: 100 });
    aggregator.append(Uint8Array.of(1));
    expect(aggregator.append(new Uint8Array(100))).toBe(false);
    expect([aggregator.count, deaggregate(aggregator.finish())]).toMatchObject([
      1,
      { records: [{ partitionKey: 'k' }] },
    ]);
  });

  test('a limit without room for the key is refused', () => {
    expect(() => new KplAggregator({ partitionKey: 'k'.repeat(256), maxRecordBytes: 500 })).toThrow(
      /maxRecordBytes must leave room .* got 500 for a key of 256 bytes/,
    );
  });
});

test('after finish the aggregator begins again, and what it gave away stays', () => {
  const aggregator = new KplAggregator({ partitionKey: 'k' });
  aggregator.append(Uint8Array.of(1));
  const first = aggregator.finish();
  aggregator.append(Uint8Array.of(2));
  const second = aggregator.finish();
  const dataOf = (bytes: Uint8Array): string[] => peerDeaggregate(bytes).map(({ data }) => data.toString('hex'));
  expect([dataOf(first), dataOf(second)]).toEqual([['01'], ['02']]);
});

test('the caller may reuse its buffer after append', () => {
  const aggregator = new KplAggregator({ partitionKey: 'k' });
  const scratch = Uint8Array.of(1);
  aggregator.append(scratch);
  scratch[0] = 9;
  expect(peerDeaggregate(aggregator.finish())).toMatchObject([{ data: Buffer.from([1]) }]);
});
