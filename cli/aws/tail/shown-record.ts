import { isUtf8 } from 'node:buffer';
import type { Codec } from '../../../shared/codec/codec.ts';
import { parseJson } from '../../../shared/codec/json.ts';
import { deaggregate, isAggregated } from '../../../shared/codec/kpl.ts';
import { asBuffer, textOf } from '../../../shared/codec/text-bytes.ts';
import { peeker } from '../../../shared/stream/envelope.ts';
import { toPlainText } from '../../text/plain-text.ts';
import type { FollowedRecord } from './follow-shards.ts';

/** A record as it is shown: taken out of its aggregate and envelope. */
export interface ShownRecord {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** Place in the aggregate it came in; absent where it came alone. */
  readonly ordinal?: number;
  readonly partitionKey: string;
  /** ISO 8601: when the stream took it. */
  readonly arrival: string;
  /** ISO 8601: event time, of records with an envelope. */
  readonly time?: string;
  readonly lane?: string;
  readonly position?: string;
  /** The value of an envelope, or a JSON document; else absent. */
  readonly value?: unknown;
  /** Text that is no JSON. */
  readonly text?: string;
  /** Bytes that are no text, in base64. */
  readonly bytes?: string;
  /** Why an aggregate could not be taken apart. */
  readonly damage?: string;
}

/** Returns a function that takes what a shard holds apart. `member` is that of the stream's codec. */
export const showing = (member: Codec<unknown>['dataMember']): ((record: FollowedRecord) => readonly ShownRecord[]) => {
  const peek = peeker(member);
  const contentOf = (data: Uint8Array): Partial<ShownRecord> => {
    if (!isUtf8(data)) return { bytes: asBuffer(data).toString('base64') };
    const text = textOf(data);
    const envelope = peek(text);
    if (envelope === undefined) return valueOf(text);
    const { time, lane, position, data: json } = envelope;
    return { time, lane, position, ...valueOf(json) };
  };
  return (record) => {
    const { shardId, sequenceNumber, arrivalMs } = record;
    const common = { shardId, sequenceNumber, arrival: new Date(arrivalMs).toISOString() };
    const alone = { ...common, partitionKey: record.partitionKey };
    if (!isAggregated(record.data)) return [{ ...alone, ...contentOf(record.data) }];
    const unpacked = deaggregate(record.data);
    if (unpacked.kind === 'malformed') {
      return [{ ...alone, bytes: asBuffer(record.data).toString('base64'), damage: unpacked.reason }];
    }
    return unpacked.records.map(({ partitionKey, data }, ordinal) => ({
      ...common,
      ordinal,
      partitionKey,
      ...contentOf(data),
    }));
  };
};

/** A line of CSV or a bare number is a text, and no value, also where it could be read as JSON. */
const valueOf = (text: string): Pick<ShownRecord, 'value' | 'text'> => {
  if (!/^\s*[{["]/u.test(text)) return { text };
  const parsed = parseJson(text);
  return parsed.kind === 'value' ? { value: parsed.value } : { text };
};

/**
 * A record as one line for people: time, partition key, content. Nothing in it would be obeyed by a terminal.
 *
 * @example
 * ```ts
 * shownLine({ shardId: 's', sequenceNumber: '1', partitionKey: 'US-AZ', arrival: '2026-01-01T00:00:00.000Z', text: 'a,b' }); // '2026-01-01T00:00:00.000Z  US-AZ  a,b'
 * ```
 */
export const shownLine = ({ arrival, time, partitionKey, value, text, bytes, damage }: ShownRecord): string => {
  const binary = bytes === undefined ? '' : `${damage ?? 'no text'}: ${bytes}`;
  const content = value === undefined ? (text ?? binary) : typeof value === 'string' ? value : JSON.stringify(value);
  return toPlainText(`${time ?? arrival}  ${partitionKey}  ${content}`, 'escapes');
};
