import type { DeliveredRecord } from '../stream/delivered-record.ts';
import { shardName } from '../stream/shard-name.ts';
import { fieldOf } from './field-of.ts';

/** One record of Lambda's Kinesis event, in the form that AWS documents. */
interface KinesisEventRecord {
  readonly kinesis: {
    readonly kinesisSchemaVersion?: '1.0';
    readonly partitionKey: string;
    readonly sequenceNumber: string;
    /** Base64. */
    readonly data: string;
    /** Seconds since 1970, with milliseconds as the fraction. */
    readonly approximateArrivalTimestamp: number;
  };
  readonly eventSource?: 'aws:kinesis';
  readonly eventVersion?: '1.0';
  /** Shard id, `:`, sequence number. */
  readonly eventID?: string;
  readonly eventName?: 'aws:kinesis:record';
  readonly invokeIdentityArn?: string;
  readonly awsRegion?: string;
  readonly eventSourceARN?: string;
}

/** The event that a function gets from Lambda for a batch; the fields after `Records` only in a tumbling window. */
export interface KinesisEvent {
  readonly Records: readonly KinesisEventRecord[];
  readonly window?: { readonly start: string; readonly end: string };
  readonly state?: unknown;
  readonly shardId?: string;
  readonly eventSourceARN?: string;
  readonly isFinalInvokeForWindow?: boolean;
  readonly isWindowTerminatedEarly?: boolean;
}

/** A Kinesis event as it really comes: emulators differ in each field, so none is trusted. */
export interface ReceivedEvent {
  readonly Records: readonly ReceivedRecord[];
}

interface ReceivedRecord {
  readonly kinesis: {
    readonly partitionKey?: unknown;
    readonly sequenceNumber?: unknown;
    readonly data?: unknown;
    readonly approximateArrivalTimestamp?: unknown;
  };
  readonly eventID?: unknown;
  readonly eventSourceARN?: unknown;
}

/** Whether a value is an event of Kinesis records, or one without records. */
export const isKinesisEvent = (value: unknown): value is ReceivedEvent => {
  const records = fieldOf(value, 'Records');
  return (
    Array.isArray(records) &&
    records.every((record) => {
      const kinesis = fieldOf(record, 'kinesis');
      return typeof kinesis === 'object' && kinesis !== null;
    })
  );
};

/** A record of an event. */
export interface EventRecord extends DeliveredRecord {
  /**
   * Why it cannot be read, where it cannot: such a record belongs among the dead letters and must not reach a codec. `data` is
   * then the field as it came, as text.
   */
  readonly unreadable?: string;
}

/**
 * The records of a Lambda event as an engine takes them, each with its shard where the event names it.
 *
 * The arrival may be in seconds, milliseconds or microseconds, or a date as text: it is read in the one way that gives a date
 * from 2001 to 2100, and where none does, it is `nowMs`. A record without a partition key, or whose data is no base64, is
 * `unreadable`. Throws a `TypeError` that names the record for a sequence number that is not decimal digits: without it a
 * record has no place in its shard, and none could be reported or dropped as a repeat.
 */
export const deliveredRecords = (event: ReceivedEvent, nowMs: number = Date.now()): readonly EventRecord[] => {
  const shardOf = shardReader();
  return event.Records.map((record, index): EventRecord => {
    const { partitionKey, data, sequenceNumber, approximateArrivalTimestamp } = record.kinesis;
    const sequence = sequenceText(sequenceNumber, index, event.Records.length);
    const arrivalMs = arrivalMsOf(approximateArrivalTimestamp) ?? nowMs;
    const shard = shardOf(record, sequence);
    const bytes = bytesOfBase64(data);
    if (bytes !== undefined && typeof partitionKey === 'string') {
      return { partitionKey, sequenceNumber: sequence, data: bytes, arrivalMs, shard };
    }
    const what = bytes === undefined ? 'data, which must be base64 text' : 'partitionKey, which must be text';
    const got = bytes === undefined ? data : partitionKey;
    return {
      partitionKey: typeof partitionKey === 'string' ? partitionKey : '',
      sequenceNumber: sequence,
      data: bytes ?? Buffer.from(typeof data === 'string' ? data : ''),
      arrivalMs,
      shard,
      unreadable: `the event's record has ${got === undefined ? 'no' : 'a wrong'} ${what}`,
    };
  });
};

const DIGITS = /^\d+$/u;
const MAX_DIGITS = 99;

const sequenceText = (value: unknown, index: number, count: number): string => {
  if (typeof value === 'string' && value.length <= MAX_DIGITS && DIGITS.test(value)) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  const got =
    typeof value === 'number'
      ? `the JSON number ${String(value)}, which has lost its last digits`
      : typeof value === 'string'
        ? `'${value.slice(0, 60)}'`
        : value === null
          ? 'null'
          : typeof value;
  throw new TypeError(
    `record ${String(index + 1)} of ${String(count)} of the event has the sequence number ${got}: it must be text of 1 to 99 decimal digits`,
  );
};

/** Neighbours share a shard, so its name is made once for them. */
const shardReader = (): ((record: ReceivedRecord, sequenceNumber: string) => string | undefined) => {
  let lastArn: unknown;
  let lastPrefix = '';
  let lastName: string | undefined;
  return ({ eventID, eventSourceARN }, sequenceNumber) => {
    if (typeof eventID !== 'string') return undefined;
    const isKnown =
      lastPrefix !== '' &&
      eventSourceARN === lastArn &&
      eventID.length === lastPrefix.length + sequenceNumber.length &&
      eventID.startsWith(lastPrefix);
    if (isKnown) return lastName;
    // An id of another form may be a new one in each delivery, and so would be a lane that is named for it.
    if (!eventID.endsWith(`:${sequenceNumber}`)) return undefined;
    lastArn = eventSourceARN;
    lastPrefix = eventID.slice(0, -sequenceNumber.length);
    lastName = shardName({
      shardId: lastPrefix.slice(0, -1),
      // A mapping with enhanced fan-out may name its consumer, `<ARN of the stream>/consumer/…`; the shard is the same.
      streamArn: typeof eventSourceARN === 'string' ? eventSourceARN.split('/consumer/', 1)[0] : undefined,
    });
    return lastName;
  };
};

/** Undefined for what is no padded base64, as a decoder that skips what it does not know would answer all the same. */
const bytesOfBase64 = (value: unknown): Buffer | undefined => {
  if (typeof value !== 'string' || value.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(value, 'base64');
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
  return bytes.length === (value.length / 4) * 3 - padding ? bytes : undefined;
};

const FIRST_MS = Date.UTC(2001, 0, 1);
const LAST_MS_EXCLUSIVE = Date.UTC(2100, 0, 1);
const NUMBER = /^\d+(?:\.\d+)?$/u;
const DATE_AND_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+-]\d{2}:\d{2})?$/iu;

const arrivalMsOf = (value: unknown): number | undefined => {
  if (typeof value === 'string') {
    if (NUMBER.test(value)) return arrivalMsOf(Number(value));
    const [, date = '', time = '', zone = 'Z'] = DATE_AND_TIME.exec(value) ?? [];
    return dated(Date.parse(`${date}T${time}${zone}`));
  }
  // Seconds, milliseconds, microseconds: their ranges do not meet.
  return typeof value === 'number' ? (dated(value * 1000) ?? dated(value) ?? dated(value / 1000)) : undefined;
};

const dated = (time: number): number | undefined => {
  const timeMs = Math.round(time);
  return timeMs >= FIRST_MS && timeMs < LAST_MS_EXCLUSIVE ? timeMs : undefined;
};
