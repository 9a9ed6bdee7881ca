import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markedEntries, markIn } from '../../../cli/aws/produce/marked-aggregate.ts';
import { KINESIS_RECORD_BYTES } from '../../../shared/codec/kpl-aggregator.ts';
import { deaggregate } from '../../../shared/codec/kpl.ts';
import { packed } from '../../../shared/codec/packed.ts';
import { peerDeaggregate } from '../../support/aws-kinesis-agg.ts';

const RUN = 'abcdefghijklmnopqrstuv';

test('a mark changes nothing for those who take the aggregate apart, ours and the library of AWS', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 }),
      fc.nat(1_000_000),
      (payloads, record) => {
        const [entry, ...others] = markedEntries(new Map([['US-AZ', payloads]]), { run: RUN, record });
        expect(others).toEqual([]);
        const data = entry?.data ?? new Uint8Array();
        // Not the very same bytes, whose digest we would trust.
        const copy = Uint8Array.from(data);
        const unpacked = deaggregate(copy);
        expect(unpacked.kind === 'records' && unpacked.records.map((one) => Buffer.from(one.data).toString())).toEqual(
          payloads,
        );
        const peers = peerDeaggregate(copy);
        expect(peers.map((one) => [one.partitionKey, one.data.toString()])).toEqual(
          payloads.map((one) => ['US-AZ', one]),
        );
        expect(markIn(copy)).toBe(entry?.mark);
      },
    ),
  );
});

test('entries of one call have marks of their own, the same ones each time, and stay below the size of a record', () => {
  const groups = new Map([
    ['US-AZ', Array.from({ length: 40 }, () => 'x'.repeat(60_000))],
    ['US-CA', ['y']],
  ]);
  const entries = markedEntries(groups, { run: RUN, record: 7 });
  expect(entries.length).toBeGreaterThan(3);
  expect(new Set(entries.map(({ mark }) => mark)).size).toBe(entries.length);
  const again = markedEntries(groups, { run: RUN, record: 7 });
  // Not with toEqual, which takes its time over megabytes.
  expect(again.map(({ data }, index) => Buffer.from(data).equals(entries[index]?.data ?? new Uint8Array()))).toEqual(
    entries.map(() => true),
  );
  for (const { data, partitionKey } of entries)
    expect(data.length + partitionKey.length).toBeLessThanOrEqual(KINESIS_RECORD_BYTES);
  expect(markedEntries(groups, { run: RUN, record: 8 })[0]?.mark).not.toBe(entries[0]?.mark);
});

test('records of others have no mark', () => {
  const others = [Buffer.from('USC00028815,20160101,TMAX'), packed('US-AZ', ['a', 'b'])[0]?.data ?? new Uint8Array()];
  expect(others.map(markIn)).toEqual([undefined, undefined]);
});
