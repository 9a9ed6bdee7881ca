import type { DeliveredRecord } from '../../stream/delivered-record.ts';
import { fieldOf } from '../field-of.ts';
import { deliveredRecords, type KinesisEvent } from '../kinesis-event.ts';

/** The event of the schedule that fires the timers of idle partition keys. */
export const SWEEP_EVENT = { sweep: 'idle' } as const;

/** What a processor's function can be invoked for. */
export type LambdaEvent =
  { readonly kind: 'batch'; readonly records: readonly DeliveredRecord[] } | { readonly kind: 'sweep' };

/** Reads what a function was invoked with. Throws a `TypeError` for anything else, with names of fields and no content. */
export const lambdaEvent = (event: unknown): LambdaEvent => {
  if (isKinesisEvent(event)) return { kind: 'batch', records: deliveredRecords(event) };
  if (fieldOf(event, 'sweep') === SWEEP_EVENT.sweep) return { kind: 'sweep' };
  throw new TypeError(
    `a processor's function was invoked with ${describe(event)}: it takes the records of a Kinesis event source mapping, or ${JSON.stringify(SWEEP_EVENT)} from its schedule`,
  );
};

const isKinesisEvent = (event: unknown): event is KinesisEvent => {
  const records = fieldOf(event, 'Records');
  return Array.isArray(records) && records.every((record) => isKinesisRecord(fieldOf(record, 'kinesis')));
};

const isKinesisRecord = (kinesis: unknown): boolean =>
  typeof fieldOf(kinesis, 'partitionKey') === 'string' &&
  typeof fieldOf(kinesis, 'sequenceNumber') === 'string' &&
  typeof fieldOf(kinesis, 'data') === 'string' &&
  typeof fieldOf(kinesis, 'approximateArrivalTimestamp') === 'number';

const MOST_NAMES = 10;

const describe = (event: unknown): string => {
  if (typeof event !== 'object' || event === null) return `an event that is ${event === null ? 'null' : typeof event}`;
  const names = Object.keys(event).slice(0, MOST_NAMES).join(', ');
  return names === '' ? 'an empty event' : `an event of the fields ${names}`;
};
