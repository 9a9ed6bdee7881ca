import { deaggregate, isAggregated } from '../../../shared/codec/kpl.ts';
import { textOf } from '../../../shared/codec/text-bytes.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { opener, peeker } from '../../../shared/stream/envelope.ts';
import { childPosition, laneUnder, rootLane, rootShard, type Origin } from '../../../shared/stream/origin.ts';
import { decideRedrive, impossible, type Consent, type RedriveDecision } from './redrive-decision.ts';
import { redrivenPayload, redriveOrigin, type RedrivenRecord } from './redrive-envelope.ts';

/** One record of a letter, and what putting it again would come to. */
export interface PlannedRecord {
  readonly partitionKey: string;
  readonly verdict: RedriveDecision;
  /** The record as it would be put; absent for a source stream, which gets the bytes as they were. */
  readonly again?: RedrivenRecord;
  /** What would be put into the processor's input stream. */
  readonly payload: Uint8Array | string;
}

/** What redriving a letter would do; one that a mapping gave up may hold many records. */
export type RedrivePlan = readonly [PlannedRecord, ...PlannedRecord[]];

/** Whether a planned record is to be put, given what the user agrees to. */
export const isToBePut = ({ verdict: { kind, needs } }: PlannedRecord, consents: ReadonlySet<Consent>): boolean =>
  kind === 'apply' || (needs.length > 0 && needs.every((need) => consents.has(need)));

interface Packed {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** Place in its aggregate; undefined where it came alone. */
  readonly ordinal: number | undefined;
}

/**
 * Looks at a letter and says, record by record, what redriving would come to. Nothing is written.
 *
 * A record that a processor wrote keeps its origin as long as no ledger has passed it: then a repeat is dropped like any other.
 * Where one has, it is put under an origin of its letter, which is taken once, however often it is put.
 *
 * @param isBegun Whether an earlier redrive of the letter was cut off after it may have put records.
 */
export const planRedrive = async (
  topology: Topology,
  state: Pick<StateStore, 'load'>,
  letter: DeadLetter,
  id: string,
  isBegun = false,
): Promise<RedrivePlan> => {
  const bytes = Buffer.from(letter.payload, 'base64');
  const refused = (why: string): RedrivePlan => [
    { partitionKey: letter.partitionKey, verdict: impossible(why), payload: bytes },
  ];
  const processor = topology.processors.find((one) => one.id === letter.processor);
  if (processor === undefined) return refused(`the topology has no processor ${letter.processor} any more`);
  if (letter.sequenceNumber === '') {
    return refused('it is of a timer and no record: its payload is the state that could not be closed');
  }
  const unpacked = unpack(letter, bytes);
  if (typeof unpacked === 'string') return refused(unpacked);
  const [first, ...others] = unpacked;
  if (first === undefined) return refused('the aggregate is empty');
  const plan = (one: Packed): Promise<PlannedRecord> =>
    planRecord(topology, processor, state, letter, id, isBegun, one);
  const planned: [PlannedRecord, ...PlannedRecord[]] = [await plan(first)];
  for (const one of others) planned.push(await plan(one));
  return planned;
};

const unpack = ({ partitionKey }: DeadLetter, bytes: Uint8Array): readonly Packed[] | string => {
  if (!isAggregated(bytes)) return [{ partitionKey, data: bytes, ordinal: undefined }];
  const unpacked = deaggregate(bytes);
  return unpacked.kind === 'malformed'
    ? `it cannot be taken apart: ${unpacked.reason}`
    : unpacked.records.map((record, ordinal) => ({ partitionKey: record.partitionKey, data: record.data, ordinal }));
};

const planRecord = async (
  topology: Topology,
  processor: Processor,
  state: Pick<StateStore, 'load'>,
  letter: DeadLetter,
  id: string,
  isBegun: boolean,
  { partitionKey, data, ordinal }: Packed,
): Promise<PlannedRecord> => {
  const { from } = processor;
  const { reason } = letter;
  const unreadable = (why: string): PlannedRecord => ({
    partitionKey,
    payload: data,
    verdict: impossible(`${processor.id} still cannot read it: ${why}`),
  });
  const isSource = topology.sources.includes(from);
  const decoded = (isSource ? undefined : opener(from.codec)(data)) ?? from.codec.decode(data);
  if (decoded.kind === 'malformed') return unreadable(decoded.reason);
  const eventTime = eventTimeOf(processor, decoded.value);
  if (!Number.isSafeInteger(eventTime)) return unreadable(`its event time is ${String(eventTime)}`);
  const ofTheLetter = redriveOrigin(partitionKey, id, ordinal, processor.id);
  const common = { reason, partitionKey, value: decoded.value, ofTheLetter, isBegun };
  if (decoded.kind === 'value') {
    const origin = foreignOrigin(processor, letter, partitionKey, ordinal);
    const record = { ...common, timeMs: Number(eventTime), origin, isForeign: true };
    return { partitionKey, payload: data, verdict: await decideRedrive(topology, processor, state, record) };
  }
  const { timeMs } = decoded;
  const origin = { lane: laneUnder(decoded.lane, partitionKey), position: decoded.position };
  const verdict = await decideRedrive(topology, processor, state, { ...common, timeMs, origin, isForeign: false });
  const again: RedrivenRecord = {
    partitionKey,
    // As it was written: a lane that was spread over several keys goes on under each by itself.
    ...(verdict.origin === 'its-own' ? { lane: decoded.lane, position: decoded.position } : ofTheLetter),
    timeMs,
    member: from.codec.dataMember,
    data: peeker(from.codec.dataMember)(textOf(data))?.data ?? from.codec.toData(decoded.value),
    redriveFor: processor.id,
  };
  return { partitionKey, verdict, again, payload: redrivenPayload(from.name, again) };
};

/** Its error, where it has none: it would be a dead letter again. */
const eventTimeOf = ({ from }: Processor, value: unknown): unknown => {
  try {
    return from.eventTimeMs?.(value) ?? 0;
  } catch (error) {
    return error;
  }
};

/** Of a record without envelope: the letter's own, or its place in what the mapping gave up. */
const foreignOrigin = (
  { from }: Processor,
  { reason, lane, position }: DeadLetter,
  partitionKey: string,
  ordinal: number | undefined,
): Origin =>
  reason === 'given-up'
    ? {
        lane: rootLane(from.name, rootShard(lane)?.split('/')[1], partitionKey),
        position: ordinal === undefined ? position : childPosition(position, ordinal),
      }
    : { lane, position };
