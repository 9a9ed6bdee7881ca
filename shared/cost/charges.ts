import type { ProcessorDescription, TopologyDescription } from '../processor/description/describe.ts';
import type { BillAssumptions } from './assumptions.ts';
import { charge, HOURS_A_MONTH, type BillRow } from './charge.ts';

const MILLION = 1_000_000;
const GB = 1024 ** 3;
const SWEEPS_A_MONTH = HOURS_A_MONTH * 60;

const PAYLOAD_UNIT_BYTES = 25 * 1024;
const ON_DEMAND_STEP_BYTES = 1024;
const HOURS_INCLUDED = 24;
const LONG_TERM_FROM_HOURS = 7 * 24;

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;
/** A sweep queries each of the eight parts of the activity index; a query that finds nothing costs half a unit. */
const READ_UNITS_A_SWEEP = 4;
/** Moving an index entry deletes it and puts it again. */
const UNITS_OF_AN_INDEX_MOVE = 2;

/** Everything with a known price: streams, functions, state and tables. */
export const chargesOf = (description: TopologyDescription, assumed: BillAssumptions): readonly BillRow[] => {
  const flow = flowOf(description, assumed);
  return [
    ...streamCharges(description, assumed, flow),
    ...functionCharges(description, assumed, flow),
    ...tableCharges(description, assumed, flow),
  ];
};

/** How many records one million that enter a topology become on each of its streams. */
type Flow = ReadonlyMap<string, number>;

/**
 * Follows one million records through a topology, spread evenly over its sources.
 *
 * If no share is known, a processor is taken to write one record to each of its streams for each that it reads: mostly too many, so the
 * bill overestimates.
 */
const flowOf = (description: TopologyDescription, { volumes }: BillAssumptions): Flow => {
  const sources = description.streams.filter(({ writtenBy }) => writtenBy.length === 0);
  const known = ({ name }: { readonly name: string }): number | undefined => {
    const share = volumes.recordShares[name];
    return share === undefined ? undefined : share * MILLION;
  };
  const flow = new Map<string, number>(sources.map((one) => [one.name, known(one) ?? MILLION / sources.length]));
  for (const { from, outputs } of description.processors) {
    for (const { kind, to } of outputs) {
      if (kind !== 'stream') continue;
      flow.set(to, known({ name: to }) ?? (flow.get(to) ?? 0) + (flow.get(from) ?? 0));
    }
  }
  return flow;
};

/** The streams: their existence, what is written to them, how long it is kept and how often it is read. */
const streamCharges = ({ streams }: TopologyDescription, assumed: BillAssumptions, flow: Flow): readonly BillRow[] => {
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
    // On demand, the size of each Kinesis record is rounded up to the next KB.
    writtenBytes += aggregates * Math.ceil(aggregateBytes / ON_DEMAND_STEP_BYTES) * ON_DEMAND_STEP_BYTES;
    readBytes += records * recordBytes * readBy.length;
  }
  const counted = (count: number, thing: string): string => `${String(count)} ${thing}${count === 1 ? '' : 's'}`;

  if (capacity === 'on-demand') {
    return [
      charge(
        'month',
        'Kinesis',
        counted(streams.length, 'stream'),
        'onDemandStreamHour',
        streams.length * HOURS_A_MONTH,
      ),
      charge('million', 'Kinesis', 'data written', 'onDemandIn', writtenBytes / GB),
      charge('million', 'Kinesis', 'data read by processors', 'onDemandOut', readBytes / GB),
      ...(retentionHours > HOURS_INCLUDED
        ? [{ kind: 'note', what: 'longer retention of on-demand streams: no price found' } as const]
        : []),
    ];
  }
  const shardHours = streams.length * shards * HOURS_A_MONTH;
  const of = `${counted(streams.length, 'stream')} of ${counted(shards, 'shard')}`;
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

/** The functions: an invocation per batch, and one a minute for the sweep of each processor with timers. */
const functionCharges = (
  { processors }: TopologyDescription,
  assumed: BillAssumptions,
  flow: Flow,
): readonly BillRow[] => {
  const { recordsPerBatch, memoryMb, msPerBatch, sweepMs } = assumed;
  const gbSeconds = (invocations: number, ms: number): number => invocations * (ms / 1000) * (memoryMb / 1024);
  const batches = processors.reduce((sum, { from }) => sum + (flow.get(from) ?? 0) / recordsPerBatch, 0);
  const swept = processors.filter(({ state }) => state?.timers !== undefined).length;
  const sweeps = swept * SWEEPS_A_MONTH;
  const sweep = `sweep of ${String(swept)} processor${swept === 1 ? '' : 's'} each minute`;
  return [
    ...(swept > 0
      ? [
          charge('month', 'Lambda', sweep, 'lambdaRequests', sweeps / MILLION),
          charge('month', 'Lambda', sweep, 'lambdaGbSeconds', gbSeconds(sweeps, sweepMs)),
        ]
      : []),
    charge('million', 'Lambda', `${String(Math.round(batches))} batches`, 'lambdaRequests', batches / MILLION),
    charge(
      'million',
      'Lambda',
      `${String(Math.round(batches))} batches of ${String(msPerBatch)} ms in ${String(memoryMb)} MB`,
      'lambdaGbSeconds',
      gbSeconds(batches, msPerBatch),
    ),
  ];
};

/** State and tables: one write for each key that a batch changes, reads of keys that are not warm, storage. */
const tableCharges = (
  { processors }: TopologyDescription,
  assumed: BillAssumptions,
  flow: Flow,
): readonly BillRow[] => {
  const units = processors.map((processor) => unitsOf(processor, flow.get(processor.from) ?? 0, assumed));
  const writes = units.reduce((sum, unit) => sum + unit.writes, 0);
  const reads = units.reduce((sum, unit) => sum + unit.reads, 0);
  const swept = processors.filter(({ state }) => state?.timers !== undefined).length;
  return [
    charge('month', 'DynamoDB', 'tables', 'tableStorage', assumed.storedGb),
    ...(swept > 0
      ? [
          charge(
            'month',
            'DynamoDB',
            'sweep: which partition keys are idle',
            'readUnits',
            (swept * SWEEPS_A_MONTH * READ_UNITS_A_SWEEP) / MILLION,
          ),
        ]
      : []),
    charge('million', 'DynamoDB', 'changed state keys and watermarks, written', 'writeUnits', writes / MILLION),
    charge('million', 'DynamoDB', 'state keys, watermarks and looked-up rows, read', 'readUnits', reads / MILLION),
  ];
};

interface Units {
  readonly writes: number;
  readonly reads: number;
}

const unitsOf = (processor: ProcessorDescription, records: number, assumed: BillAssumptions): Units => {
  const { recordsPerBatch, lanesPerBatch, itemBytes, coldShare, timerMoveShare, volumes } = assumed;
  const batches = records / recordsPerBatch;
  const keys = Math.min(recordsPerBatch, volumes.keysPerBatch[processor.id] ?? assumed.keysPerBatch);
  const lanes = Math.min(recordsPerBatch, lanesPerBatch);
  const readUnits = Math.ceil(itemBytes / READ_UNIT_BYTES);
  // A warm environment caches rows, as it does keys.
  const looked = processor.lookups.filter(({ rows }) => rows === 'one').length * keys * coldShare * readUnits;
  const { state } = processor;
  if (state === undefined) return { writes: 0, reads: batches * looked };
  const keyWrites = keys * Math.ceil(itemBytes / WRITE_UNIT_BYTES);
  if (state.timers === undefined) {
    // Without watermarks nothing reveals that another writer won, so nothing is kept warm.
    return { writes: batches * keyWrites, reads: batches * (keys * readUnits + looked) };
  }
  return {
    writes: batches * (keyWrites + keys * timerMoveShare * UNITS_OF_AN_INDEX_MOVE + lanes),
    reads: batches * (keys * coldShare * readUnits + lanes + looked),
  };
};
