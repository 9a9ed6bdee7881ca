import { deaggregate, isAggregated } from '../../../shared/codec/kpl.ts';
import { textOf } from '../../../shared/codec/text-bytes.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { opener, peeker, sealer } from '../../../shared/stream/envelope.ts';
import { childPosition, laneUnder, rootLane, sortableNumber, type Origin } from '../../../shared/stream/origin.ts';
import { askLedger, type Verdict } from './redrive-decision.ts';

/** One record of a letter, and what putting it again would come to. */
export interface PlannedRecord {
  readonly partitionKey: string;
  readonly verdict: Verdict;
  /** What would be put into the processor's input stream. */
  readonly payload: Uint8Array | string;
}

/** What redriving a letter would do; one that a mapping gave up may hold many records. */
export type RedrivePlan = readonly [PlannedRecord, ...PlannedRecord[]];

const ALONE = -1;

interface Packed {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly ordinal: number;
}

/**
 * Looks at a letter and says, record by record, what redriving would come to. Nothing is written.
 *
 * A record that a processor wrote is put under a lane of its own, `redrive@<partition key>/<letter>`: its old origin is in the
 * ledger as done, here or further down, and would be dropped without a word; a lane of its own is taken, and only once.
 */
export const planRedrive = async (
  topology: Topology,
  state: Pick<StateStore, 'load'>,
  letter: DeadLetter,
  id: string,
): Promise<RedrivePlan> => {
  const bytes = Buffer.from(letter.payload, 'base64');
  const impossible = (why: string): RedrivePlan => [
    { partitionKey: letter.partitionKey, verdict: { kind: 'impossible', why }, payload: bytes },
  ];
  const processor = topology.processors.find((one) => one.id === letter.processor);
  if (processor === undefined) return impossible(`there is no processor ${letter.processor} any more`);
  if (letter.sequenceNumber === '') {
    return impossible('it is of a timer and no record: its payload is the state that could not be closed');
  }
  const unpacked = unpack(letter, bytes);
  if (typeof unpacked === 'string') return impossible(unpacked);
  const [first, ...others] = unpacked;
  if (first === undefined) return impossible('the aggregate is empty');
  const isForeign = topology.sources.includes(processor.from);
  const plan = (one: Packed): Promise<PlannedRecord> => planRecord(processor, isForeign, state, letter, id, one);
  const planned: [PlannedRecord, ...PlannedRecord[]] = [await plan(first)];
  for (const one of others) planned.push(await plan(one));
  return planned;
};

const unpack = ({ partitionKey }: DeadLetter, bytes: Uint8Array): readonly Packed[] | string => {
  if (!isAggregated(bytes)) return [{ partitionKey, data: bytes, ordinal: ALONE }];
  const unpacked = deaggregate(bytes);
  return unpacked.kind === 'malformed'
    ? `it cannot be taken apart: ${unpacked.reason}`
    : unpacked.records.map((record, ordinal) => ({ partitionKey: record.partitionKey, data: record.data, ordinal }));
};

const planRecord = async (
  processor: Processor,
  isForeign: boolean,
  state: Pick<StateStore, 'load'>,
  letter: DeadLetter,
  id: string,
  { partitionKey, data, ordinal }: Packed,
): Promise<PlannedRecord> => {
  const { from } = processor;
  const unreadable = (reason: string): PlannedRecord => ({
    partitionKey,
    payload: data,
    verdict: { kind: 'impossible', why: `${processor.id} still cannot read it: ${reason}` },
  });
  const opened = isForeign ? undefined : opener(from.codec)(data);
  const decoded = opened ?? from.codec.decode(data);
  if (decoded.kind === 'malformed') return unreadable(decoded.reason);
  const eventTime = eventTimeOf(processor, decoded.value);
  if (!Number.isSafeInteger(eventTime)) return unreadable(`its event time is ${String(eventTime)}`);
  if (decoded.kind === 'value') {
    const origin = foreignOrigin(processor, letter, partitionKey, ordinal);
    const record = { reason: letter.reason, partitionKey, value: decoded.value, origin, redriven: undefined };
    return { partitionKey, payload: data, verdict: await askLedger(processor, state, record) };
  }
  const { position, timeMs, value } = decoded;
  const redriven = redrivenOrigin(partitionKey, id, ordinal);
  const envelope = peeker(from.codec.dataMember)(textOf(data));
  const member = `"${from.codec.dataMember}":${envelope?.data ?? from.codec.toData(value)}`;
  const payload = sealer(from.name, redriven.lane)(redriven.position, timeMs, member);
  const origin = { lane: laneUnder(decoded.lane, partitionKey), position };
  const record = { reason: letter.reason, partitionKey, value, origin, redriven };
  return { partitionKey, payload, verdict: await askLedger(processor, state, record) };
};

/** Its error, where there is none: it would be a dead letter again. */
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
  ordinal: number,
): Origin =>
  reason === 'given-up'
    ? {
        lane: rootLane(from.name, partitionKey),
        position: ordinal === ALONE ? position : childPosition(position, ordinal),
      }
    : { lane, position };

const redrivenOrigin = (partitionKey: string, id: string, ordinal: number): Origin => ({
  lane: `redrive@${encodeURIComponent(partitionKey.toWellFormed())}/${id}${ordinal === ALONE ? '' : `.${String(ordinal)}`}`,
  position: sortableNumber('1'),
});
