import { collectionOf, type Processor } from '../processor/processor.ts';
import type { StateAddress } from '../state/state-store.ts';
import type { DeliveredRecord } from '../stream/delivered-record.ts';
import type { Books } from './books.ts';
import type { DeadLetter } from './dead-letter.ts';

/** Why a record is a dead letter, as the letter will say it. */
export type Fault = Pick<DeadLetter, 'reason' | 'error' | 'stack'>;

/** The fault of user code that threw, whatever it threw. */
export const stepFault = (thrown: unknown): Fault => {
  const stack: unknown = thrown instanceof Error ? thrown.stack : undefined;
  return { reason: 'step-failed', error: messageOf(thrown), ...(typeof stack === 'string' && { stack }) };
};

/** What a thrown value says; it may be anything. */
export const messageOf = (thrown: unknown): string => {
  try {
    const message: unknown = thrown instanceof Error ? thrown.message : thrown;
    return typeof message === 'string' ? message : String(message);
  } catch {
    return 'something was thrown that has no text';
  }
};

/** The column of the books an event is entered in. */
export type EventOutcome = Exclude<keyof Books, 'in' | 'emitted'>;

/** One record of a batch, decoded. */
export interface Event {
  readonly lane: string;
  readonly position: string;
  /** Its own, which is not the one of its partition where partition keys share state. */
  readonly partitionKey: string;
  /** The record it was delivered in; events packed into one aggregate share it. */
  readonly record: DeliveredRecord;
  /** Place of that record in the batch, from 0. */
  readonly index: number;
  readonly payload: Uint8Array;
  readonly timeMs: number;
  /**
   * How far event time had come where its partition key was changed, -Infinity where that is not known; undefined for a
   * record whose key never changed, which moves event time itself.
   */
  readonly promiseMs: number | undefined;
  /** Whether a shard gave its position. */
  readonly isForeign: boolean;
  readonly value: unknown;
  /** Which logical stream of a merged one it belongs to. */
  readonly input: string | undefined;
  /** State key; undefined in a processor without state, and where the event has a fault. */
  readonly key: string | undefined;
  /** Why no step can take it. */
  readonly fault: Fault | undefined;
  /** The column it is in whatever any step says: a dead letter that was redriven for another processor. */
  readonly outcome: EventOutcome | undefined;
}

/**
 * The events of one partition key in a batch, in order: the unit that passes or is held. Partition keys that share state are
 * one partition.
 */
export interface Partition {
  readonly partitionKey: string;
  readonly events: readonly Event[];
}

/** Partition key of the state that several partition keys share. */
export const SHARED_PARTITION = '*';

/** Where the state of a key is stored. */
export const stateAddress = (
  processor: Pick<Processor, 'id' | 'keyed'>,
  partitionKey: string,
  key: string,
): StateAddress => {
  const { keyed } = processor;
  const collection = collectionOf(processor);
  const place = { collection, partitionKey: keyed?.fanIn === true ? SHARED_PARTITION : partitionKey, key };
  return keyed?.as === undefined ? place : { ...place, isRow: true };
};

/** How far an event moves event time; -Infinity for one from further ahead of its arrival than the processor tolerates. */
export const advanceOf = ({ timeMs, promiseMs, record }: Event, aheadMs: number): number =>
  promiseMs ?? (timeMs > record.arrivalMs + aheadMs ? -Infinity : timeMs);

/** How far ahead of its arrival a record may be and still move event time. */
export const aheadOf = ({ keyed }: Pick<Processor, 'keyed'>): number =>
  keyed?.timers?.aheadToleranceMs ?? DEFAULT_AHEAD_MS;

/** In a processor that has no tolerance of its own, because it has no timers. */
const DEFAULT_AHEAD_MS = 60_000;

/** The fault of a new record under a position that its stream had passed. */
export const wentBack = ({ record, position }: Event): Fault => ({
  reason: 'position-went-back',
  error:
    `sequence number ${record.sequenceNumber} (position ${position}) comes before the last one applied, but the record arrived ` +
    `later, at ${new Date(record.arrivalMs).toISOString()}: the stream was replaced under a state that still knows the old one. ` +
    'Reset the state of the processor, or redrive the record',
});

/** The dead letter of an event. */
export const letterOf = (processor: Buries, event: Event, fault: Fault): DeadLetter =>
  letterAt(processor, fault, event, event.record.sequenceNumber, event.payload);

/** The dead letter of something that no record brought, such as a timer: `content` is kept as its payload. */
export const recordlessLetter = (
  processor: Buries,
  fault: Fault,
  origin: Pick<Event, 'lane' | 'position' | 'partitionKey'>,
  content: string,
): DeadLetter => letterAt(processor, fault, origin, '', Buffer.from(content, 'utf8'));

/** What a dead letter says of the processor that made it. */
type Buries = Pick<Processor, 'id'> & { readonly from: Pick<Processor['from'], 'name'> };

const letterAt = (
  { id, from }: Buries,
  fault: Fault,
  { lane, position, partitionKey }: Pick<Event, 'lane' | 'position' | 'partitionKey'>,
  sequenceNumber: string,
  payload: Uint8Array,
): DeadLetter => ({
  lane,
  position,
  ...fault,
  processor: id,
  stream: from.name,
  partitionKey,
  sequenceNumber,
  payload: Buffer.from(payload).toString('base64'),
});
