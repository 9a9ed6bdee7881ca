import { fieldOf } from '../field-of.ts';
import { deliveredRecords, isKinesisEvent, type EventRecord } from '../kinesis-event.ts';

/** The event of the schedule that fires the timers of idle partition keys. */
export const SWEEP_EVENT = { sweep: 'idle' } as const;

/** What a processor's function can be invoked for. */
export type LambdaEvent =
  | {
      readonly kind: 'batch';
      readonly records: readonly EventRecord[];
      /** The state of Lambda's own tumbling window, where the mapping has one: the answer must return it. */
      readonly window: { readonly state: unknown } | undefined;
    }
  | { readonly kind: 'sweep' };

/** Reads what a function was invoked with. Throws a `TypeError` for anything else, with names of fields and no content. */
export const lambdaEvent = (event: unknown, nowMs: number): LambdaEvent => {
  if (isKinesisEvent(event)) {
    const hasWindow = fieldOf(event, 'window') !== undefined || fieldOf(event, 'isFinalInvokeForWindow') !== undefined;
    return {
      kind: 'batch',
      records: deliveredRecords(event, nowMs),
      window: hasWindow ? { state: fieldOf(event, 'state') ?? {} } : undefined,
    };
  }
  if (fieldOf(event, 'sweep') === SWEEP_EVENT.sweep) return { kind: 'sweep' };
  throw new TypeError(
    `a processor's function was invoked with ${describe(event)}: it takes the records of a Kinesis event source mapping, or ${JSON.stringify(SWEEP_EVENT)} from its schedule`,
  );
};

const MAX_FIELDS_NAMED = 10;

const describe = (event: unknown): string => {
  if (typeof event !== 'object' || event === null) return `an event that is ${event === null ? 'null' : typeof event}`;
  const names = Object.keys(event).slice(0, MAX_FIELDS_NAMED).join(', ');
  return names === '' ? 'an empty event' : `an event of the fields ${names}`;
};
