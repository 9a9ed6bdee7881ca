import type { TopologyDescription } from '../processor/description/describe.ts';
import type { BillAssumptions } from './assumptions.ts';
import { charge, HOURS_A_MONTH, type BillRow } from './charge.ts';
import type { Flow } from './flow.ts';

const PAYLOAD_UNIT_BYTES = 25 * 1024;
const ON_DEMAND_STEP_BYTES = 1024;
const GB = 1024 ** 3;
const MILLION = 1_000_000;
const HOURS_INCLUDED = 24;
const LONG_TERM_FROM_HOURS = 7 * 24;

/** What the streams cost: their existence, what is written to them, how long it is kept and how often it is read. */
export const streamCharges = (
  { streams }: TopologyDescription,
  assumed: BillAssumptions,
  flow: Flow,
): readonly BillRow[] => {
  const { capacity, shards, retentionHours, recordsPerAggregate } = assumed;
  let payloadUnits = 0;
  let writtenBytes = 0;
  let readBytes = 0;
  for (const { name, readBy } of streams) {
    const records = flow.get(name) ?? 0;
    const recordBytes = assumed.volumes.recordBytes[name] ?? assumed.recordBytes;
    const aggregates = records / recordsPerAggregate;
    const aggregateBytes = recordBytes * recordsPerAggregate;
    payloadUnits += aggregates * Math.ceil(aggregateBytes / PAYLOAD_UNIT_BYTES);
    // On demand each Kinesis record counts in steps of 1 KB.
    writtenBytes += aggregates * Math.ceil(aggregateBytes / ON_DEMAND_STEP_BYTES) * ON_DEMAND_STEP_BYTES;
    readBytes += records * recordBytes * readBy.length;
  }
  const many = (count: number, thing: string): string => `${String(count)} ${thing}${count === 1 ? '' : 's'}`;

  if (capacity === 'on-demand') {
    return [
      charge('month', 'Kinesis', many(streams.length, 'stream'), 'onDemandStreamHour', streams.length * HOURS_A_MONTH),
      charge('million', 'Kinesis', 'data written', 'onDemandIn', writtenBytes / GB),
      charge('million', 'Kinesis', 'data read by processors', 'onDemandOut', readBytes / GB),
      ...(retentionHours > HOURS_INCLUDED
        ? [{ kind: 'note', what: 'longer retention of on-demand streams: no price found' } as const]
        : []),
    ];
  }
  const shardHours = streams.length * shards * HOURS_A_MONTH;
  const of = `${many(streams.length, 'stream')} of ${many(shards, 'shard')}`;
  const keptMonths = (retentionHours - LONG_TERM_FROM_HOURS) / HOURS_A_MONTH;
  return [
    charge('month', 'Kinesis', of, 'shardHour', shardHours),
    ...(retentionHours > HOURS_INCLUDED
      ? [charge('month', 'Kinesis', 'retention above 24 hours', 'extendedRetention', shardHours)]
      : []),
    charge('million', 'Kinesis', 'records written, aggregated', 'putPayloadUnits', payloadUnits / MILLION),
    ...(keptMonths > 0
      ? [charge('million', 'Kinesis', 'retention above 7 days', 'longTermRetention', (writtenBytes / GB) * keptMonths)]
      : []),
  ];
};
