import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { kinesisEvent } from '../../../../shared/runtime/local/mapping/kinesis-event.ts';
import { localNames } from '../../../../shared/runtime/local/mapping/kinesis-event.ts';
import { MAX_PAYLOAD_BYTES, PayloadSize } from '../../../../shared/runtime/local/mapping/payload-size.ts';

const names = localNames('weather-raw', 'weather-validate');
const SHARD = 'shardId-000000000006';

const record = fc.record({
  partitionKey: fc.string({ minLength: 1, maxLength: 256, unit: 'binary' }),
  sequenceNumber: fc.constant('4'.repeat(56)),
  data: fc.uint8Array({ maxLength: 500 }),
  // Three decimals that are not 0, so that JSON writes as many characters as AWS does.
  arrivalMs: fc.integer({ min: 1_100_000_000_000, max: 9_000_000_000_000 }).map((ms) => ms - (ms % 10) + 7),
});

test('the computed size is the size of the JSON that Lambda would send', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.boolean(), (records, windowed) => {
      const size = new PayloadSize(names, SHARD, 56, windowed);
      const flags = { isFinalInvokeForWindow: false, isWindowTerminatedEarly: false };
      const window = { startMs: 0, endMsExclusive: 60_000, state: {}, ...flags };
      const batch = { shardId: SHARD, records, ...(windowed ? { window } : {}) };
      const computed = records.reduce((sum, one) => sum + size.bytesOf(one), size.emptyBytes);
      // One comma less than records; we count it, to stay below the limit.
      expect(computed - 1).toBe(Buffer.byteLength(JSON.stringify(kinesisEvent(batch, names))));
    }),
  );
});

test('records that surely fit do fit', () => {
  const size = new PayloadSize(names, SHARD, 56, false);
  const many = fc.record({ one: record, times: fc.integer({ min: 1, max: 15_000 }) });
  fc.assert(
    fc.property(many, ({ one, times }) => {
      const records = Array.from({ length: times }, () => one);
      const bytes = size.emptyBytes + times * size.bytesOf(one);
      if (size.surelyFit(records, times)) expect(bytes).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
      if (bytes * 8 < MAX_PAYLOAD_BYTES) expect(size.surelyFit(records, times)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
