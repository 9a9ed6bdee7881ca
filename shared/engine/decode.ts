import { deaggregate, isAggregated } from '../codec/kpl.ts';
import { isPromise } from '../codec/thenable.ts';
import type { Processor } from '../processor/processor.ts';
import type { DeliveredRecord } from '../stream/delivered-record.ts';
import { opener } from '../stream/envelope.ts';
import { isRedriveForOther } from '../stream/origin.ts';
import { isTagged } from '../stream/merged.ts';
import { foreignPosition, laneNames, NOT_PACKED, producedOrigin } from './arrival-origin.ts';
import { messageOf, SHARED_PARTITION, stepFault, type Event, type Fault, type Partition } from './batch.ts';
import { checkStateKey, isTime, MAX_TIME_MS } from './limits.ts';

/** How an engine takes its input. */
export interface EngineOptions {
  /**
   * Whether the stream is written from outside. What looks like an envelope is a plain value then: a foreign producer that
   * could choose lane and position could make the ledger drop the records of others.
   */
  readonly inputIsForeign: boolean;
}

/** Turns delivered records into events, partition by partition. */
export type Decode = (records: readonly DeliveredRecord[]) => readonly Partition[];

/**
 * Makes the decoder of a processor. Aggregates are unpacked; each record has its own error boundary, user code included, so
 * what cannot be decoded becomes an event with a fault and the rest goes on.
 */
export const decoder = (processor: Processor, { inputIsForeign }: EngineOptions): Decode => {
  const { from, keyed } = processor;
  const isTrusted = !inputIsForeign || from.writtenBy === 'millrace';
  const open = opener(from.codec);
  const lanes = laneNames(from.name);
  const isShared = keyed?.fanIn === true;

  const eventOf = (
    record: DeliveredRecord,
    index: number,
    partitionKey: string,
    payload: Uint8Array,
    ordinal: number,
  ): Event => {
    let lane: string;
    let position: string;
    let value: unknown;
    let timeMs = record.arrivalMs;
    let promiseMs: number | undefined;
    let isForeign = false;
    let outcome: 'filtered' | undefined;
    try {
      const opened = isTrusted ? open(payload) : undefined;
      if (opened?.kind === 'malformed')
        return undecodable(record, index, partitionKey, payload, ordinal, opened.reason);
      if (opened !== undefined) {
        const under = lanes.under(opened.lane, partitionKey);
        ({ position, value, timeMs } = opened);
        ({ lane } = under);
        promiseMs = opened.watermarkMs ?? (under.isRekeyed ? -Infinity : undefined);
        if (isRedriveForOther(lane, processor.id)) outcome = 'filtered';
      } else {
        const decoded = from.codec.decode(payload);
        if (decoded.kind === 'malformed')
          return undecodable(record, index, partitionKey, payload, ordinal, decoded.reason);
        ({ value } = decoded);
        if (from.eventId === undefined) {
          isForeign = true;
          lane = lanes.root(record, partitionKey);
          position = foreignPosition(record, ordinal);
        } else {
          ({ lane, position } = producedOrigin(from.eventId(value), partitionKey));
        }
      }
    } catch (thrown) {
      return undecodable(record, index, partitionKey, payload, ordinal, `decoding threw: ${messageOf(thrown)}`);
    }

    let input: string | undefined;
    let key: string | undefined;
    let fault: Fault | undefined;
    if (outcome === undefined) {
      try {
        if (from.eventTimeMs !== undefined) timeMs = from.eventTimeMs(value);
        if (!isTime(timeMs)) fault = noTime(timeMs);
      } catch (thrown) {
        fault = notDecoded(`event time: ${messageOf(thrown)}`);
      }
      if (fault !== undefined) timeMs = 0;
      else {
        if (from.inputs !== undefined && isTagged(value)) ({ input, value } = value);
        if (keyed !== undefined) {
          try {
            key = checkStateKey(processor.id, keyed.key(value, timeMs, input));
          } catch (thrown) {
            fault = stepFault(thrown);
          }
        }
      }
    }
    return {
      lane,
      position,
      partitionKey,
      record,
      index,
      payload,
      timeMs,
      promiseMs,
      isForeign,
      value,
      input,
      key,
      fault,
      outcome,
    };
  };
  const undecodable = (
    record: DeliveredRecord,
    index: number,
    partitionKey: string,
    payload: Uint8Array,
    ordinal: number,
    reason: string,
  ): Event => ({
    lane: lanes.root(record, partitionKey),
    position: foreignPosition(record, ordinal),
    partitionKey,
    record,
    index,
    payload,
    timeMs: 0,
    promiseMs: undefined,
    isForeign: true,
    value: undefined,
    input: undefined,
    key: undefined,
    fault: notDecoded(reason),
    outcome: undefined,
  });

  return (records) => {
    const partitions = new Map<string, FillingPartition>();
    let filling: FillingPartition = { partitionKey: '\0', events: [] };
    const add = (event: Event): void => {
      const partitionKey = isShared ? SHARED_PARTITION : event.partitionKey;
      if (partitionKey !== filling.partitionKey) {
        const known = partitions.get(partitionKey);
        filling = known ?? { partitionKey, events: [] };
        if (known === undefined) partitions.set(partitionKey, filling);
      }
      filling.events.push(event);
    };
    let index = 0;
    for (const record of records) {
      const { partitionKey, data } = record;
      if (!isAggregated(data)) {
        add(eventOf(record, index, partitionKey, data, NOT_PACKED));
      } else {
        const unpacked = deaggregate(data);
        if (unpacked.kind === 'malformed') {
          add(undecodable(record, index, partitionKey, data, NOT_PACKED, unpacked.reason));
        } else {
          let ordinal = 0;
          for (const packed of unpacked.records)
            add(eventOf(record, index, packed.partitionKey, packed.data, ordinal++));
        }
      }
      index += 1;
    }
    return [...partitions.values()];
  };
};

interface FillingPartition extends Partition {
  readonly events: Event[];
}

const notDecoded = (error: string): Fault => ({ reason: 'undecodable', error });

const noTime = (timeMs: unknown): Fault =>
  notDecoded(
    `event time must be a whole number of milliseconds since 1970, at most ±${String(MAX_TIME_MS)}, got ${isPromise(timeMs) ? 'a promise' : String(timeMs)}`,
  );
