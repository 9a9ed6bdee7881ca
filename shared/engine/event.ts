import { deaggregate, isAggregated } from '../codec/kpl.ts';
import type { Processor } from '../processor/processor.ts';
import type { DeliveredRecord } from '../stream/delivered-record.ts';
import { opener } from '../stream/envelope.ts';
import { childPosition, laneUnder, rootLane, sortableNumber } from '../stream/origin.ts';
import type { Books } from './books.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { KeyWork } from './key-work.ts';

/** What is wrong with a record, as its dead letter will say it. */
export interface Fault extends Pick<DeadLetter, 'error' | 'stack'> {
  readonly reason: 'undecodable' | 'step-failed';
}

/** The fault of a step that threw. */
export const stepFault = (thrown: unknown): Fault => ({
  reason: 'step-failed',
  error: thrown instanceof Error ? thrown.message : String(thrown),
  ...(thrown instanceof Error && thrown.stack !== undefined && { stack: thrown.stack }),
});

/** One record of a batch, decoded. Mutable only in the last three, which the engine fills in. */
export interface Event {
  readonly lane: string;
  readonly position: string;
  /** The record it was delivered in; events packed into one aggregate share it. */
  readonly record: DeliveredRecord;
  readonly payload: Uint8Array;
  readonly timeMs: number;
  readonly value: unknown;
  /** Why no step can take it. */
  fault: Fault | undefined;
  work: KeyWork | undefined;
  /** The column of the books it is in; each fold says it anew. */
  outcome: EventOutcome;
}

type EventOutcome = Exclude<keyof Books, 'in' | 'emitted'>;

/** The events of one partition key in a batch, in order: the unit that is held or passes. */
export interface LaneEvents {
  readonly partitionKey: string;
  readonly events: readonly Event[];
}

interface FillingLane extends LaneEvents {
  readonly events: Event[];
}

/** How an engine takes its input. */
export interface EngineOptions {
  /**
   * Whether the stream is written from outside. What looks like an envelope is a plain value then: a stranger who could
   * choose lane and position could make the ledger drop the records of others.
   */
  readonly inputIsForeign: boolean;
}

/**
 * Returns a function that turns delivered records into events, lane by lane. Aggregates are unpacked; each record has its
 * own error boundary, so what cannot be decoded becomes an undecodable event and the rest goes on.
 */
export const decoder = (
  { from }: Processor,
  { inputIsForeign }: EngineOptions,
): ((records: readonly DeliveredRecord[]) => readonly LaneEvents[]) => {
  const open = inputIsForeign ? openNothing : opener(from.codec);

  const eventOf = (record: DeliveredRecord, partitionKey: string, payload: Uint8Array, ordinal: number): Event => {
    const opened = open(payload);
    if (opened?.kind === 'opened') {
      const lane = arrivedLane(opened.lane, partitionKey);
      return event(record, payload, lane, opened.position, opened.value, opened.timeMs);
    }
    if (opened !== undefined) return undecodable(record, partitionKey, payload, ordinal, opened.reason);
    const decoded = from.codec.decode(payload);
    if (decoded.kind === 'malformed') return undecodable(record, partitionKey, payload, ordinal, decoded.reason);
    const position = foreignPosition(record, ordinal);
    return event(record, payload, foreignLane(partitionKey), position, decoded.value, record.arrivalMs);
  };
  const event = (
    record: DeliveredRecord,
    payload: Uint8Array,
    lane: string,
    position: string,
    value: unknown,
    otherwiseMs: number,
  ): Event => {
    const timeMs = from.eventTimeMs === undefined ? otherwiseMs : from.eventTimeMs(value);
    if (Number.isSafeInteger(timeMs)) {
      return { lane, position, record, payload, timeMs, value, fault: undefined, work: undefined, outcome: 'held' };
    }
    const reason = `event time must be a whole number of milliseconds since 1970, got ${String(timeMs)}`;
    return {
      lane,
      position,
      record,
      payload,
      timeMs: 0,
      value: undefined,
      fault: notDecoded(reason),
      work: undefined,
      outcome: 'held',
    };
  };
  const undecodable = (
    record: DeliveredRecord,
    partitionKey: string,
    payload: Uint8Array,
    ordinal: number,
    reason: string,
  ): Event => ({
    lane: foreignLane(partitionKey),
    position: foreignPosition(record, ordinal),
    record,
    payload,
    timeMs: 0,
    value: undefined,
    fault: notDecoded(reason),
    work: undefined,
    outcome: 'held',
  });

  // Neighbours mostly share lane and key; one string object per lane keeps look-ups by it cheap.
  let sentLane = '';
  let sentKey = '';
  let arrived = '';
  const arrivedLane = (lane: string, partitionKey: string): string => {
    if (lane !== sentLane || partitionKey !== sentKey) {
      sentLane = lane;
      sentKey = partitionKey;
      arrived = laneUnder(lane, partitionKey);
    }
    return arrived;
  };

  let lastKey = '';
  let lastLane = rootLane(from.name, lastKey);
  const foreignLane = (partitionKey: string): string => {
    if (partitionKey !== lastKey) {
      lastKey = partitionKey;
      lastLane = rootLane(from.name, partitionKey);
    }
    return lastLane;
  };

  return (records) => {
    const lanes = new Map<string, FillingLane>();
    let lane: FillingLane = { partitionKey: '\0', events: [] };
    const add = (event: Event, partitionKey: string): void => {
      if (partitionKey !== lane.partitionKey) {
        const known = lanes.get(partitionKey);
        lane = known ?? { partitionKey, events: [] };
        if (known === undefined) lanes.set(partitionKey, lane);
      }
      lane.events.push(event);
    };
    const guarded = (record: DeliveredRecord, partitionKey: string, payload: Uint8Array, ordinal: number): Event => {
      try {
        return eventOf(record, partitionKey, payload, ordinal);
      } catch (error) {
        const reason = `decoding threw: ${error instanceof Error ? error.message : String(error)}`;
        return undecodable(record, partitionKey, payload, ordinal, reason);
      }
    };
    for (const record of records) {
      if (!isAggregated(record.data)) {
        add(guarded(record, record.partitionKey, record.data, NOT_PACKED), record.partitionKey);
        continue;
      }
      const unpacked = deaggregate(record.data);
      if (unpacked.kind === 'malformed') {
        add(undecodable(record, record.partitionKey, record.data, NOT_PACKED, unpacked.reason), record.partitionKey);
        continue;
      }
      let ordinal = 0;
      for (const { partitionKey, data } of unpacked.records) {
        add(guarded(record, partitionKey, data, ordinal++), partitionKey);
      }
    }
    return [...lanes.values()];
  };
};

const openNothing = (): undefined => undefined;

const NOT_PACKED = -1;

const notDecoded = (error: string): Fault => ({ reason: 'undecodable', error });

const foreignPosition = ({ sequenceNumber }: DeliveredRecord, ordinal: number): string => {
  const position = sortableNumber(sequenceNumber);
  return ordinal === NOT_PACKED ? position : childPosition(position, ordinal);
};
