import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KplAggregator } from '../../shared/codec/kpl-aggregator.ts';
import { deaggregate, isAggregated } from '../../shared/codec/kpl.ts';
import { packed, type PackedRecord } from '../../shared/codec/packed.ts';
import { bytesOf } from '../../shared/codec/text-bytes.ts';

const payloadsIn = ({ data }: PackedRecord): readonly Uint8Array[] => {
  if (!isAggregated(data)) return [data];
  const unpacked = deaggregate(data);
  return unpacked.kind === 'records' ? unpacked.records.map((record) => record.data) : [];
};

const payload = fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.string({ unit: 'binary', maxLength: 60 }));

test('every payload is in one record, once and in order, and no record is above the limit but a payload that is', () => {
  const options = fc.record({
    maxRecordBytes: fc.integer({ min: 40, max: 400 }),
    alone: fc.constantFrom('plain' as const, 'aggregate' as const),
  });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 20 }), options, (payloads, packing) => {
      const records = packed('k', payloads, packing);
      const asBytes = payloads.map((one) => Buffer.from(typeof one === 'string' ? bytesOf(one) : one));
      expect(records.flatMap(payloadsIn).map((one) => Buffer.from(one))).toEqual(asBytes);
      for (const record of records) {
        expect(record.count).toBe(payloadsIn(record).length);
        if (isAggregated(record.data)) expect(record.data.length + 1).toBeLessThanOrEqual(packing.maxRecordBytes);
        else expect(record.count).toBe(1);
      }
    }),
  );
});

describe('a payload that is alone', () => {
  test('is put as it is, or as an aggregate of one where that is asked for', () => {
    expect(packed('k', ['a'])).toEqual([{ partitionKey: 'k', data: bytesOf('a'), count: 1 }]);
    const [record] = packed('k', ['a'], { alone: 'aggregate' });
    expect(record && [isAggregated(record.data), payloadsIn(record)]).toEqual([true, [Buffer.from('a')]]);
  });

  test('is never put as it is where it would be taken for an aggregate', () => {
    const aggregator = new KplAggregator({ partitionKey: 'other' });
    aggregator.append('a');
    const inner = aggregator.finish();
    expect(packed('k', [inner]).flatMap(payloadsIn)).toEqual([Buffer.from(inner)]);
  });

  test('is put as it is where no aggregate can hold it', () => {
    const large = 'a'.repeat(100);
    expect(
      packed('k', ['b', large, 'c'], { maxRecordBytes: 100 }).map(({ count, data }) => [count, data.length]),
    ).toEqual([
      [1, expect.any(Number)],
      [1, 100],
      [1, expect.any(Number)],
    ]);
  });
});
