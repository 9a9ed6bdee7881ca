import { isUtf8 } from 'node:buffer';
import { KPL_DIGEST_BYTES, KPL_MAGIC, KPL_MAGIC_BYTES, KPL_TAG, trustedAggregates, kplDigest } from './kpl-format.ts';
import { asBuffer } from './text-bytes.ts';
import { BROKEN, WireReader } from './wire-reader.ts';

/** One user record out of an aggregated record. `data` is a view of the aggregate's memory, not a copy. */
interface KplRecord {
  readonly partitionKey: string;
  /** Decimal number below 2^128 as text, as the producer gave it. */
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
}

/** The content of an aggregated record: its user records in order, or the reason why there are none. */
export type Deaggregated =
  | { readonly kind: 'records'; readonly records: readonly KplRecord[] }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Whether bytes begin like a KPL aggregated record. Costs one comparison for most other bytes.
 *
 * The four bytes alone decide. They are not valid UTF-8 and begin no JSON, CSV, Avro, gzip or Parquet, so a plain record with
 * them is next to impossible, while an aggregate damaged in transit is not; taking the damaged one for a plain payload would
 * pass garbage on. So bytes that begin with them and fail the digest are malformed (a dead letter keeps them). A plain payload
 * that begins so must be sent aggregated.
 *
 * @example
 * ```ts
 * isAggregated(Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2)); // true
 * isAggregated(Uint8Array.of(0x7b, 0x7d)); // false
 * ```
 */
export const isAggregated = (bytes: Uint8Array): boolean =>
  bytes[0] === KPL_MAGIC[0] && bytes[1] === KPL_MAGIC[1] && bytes[2] === KPL_MAGIC[2] && bytes[3] === KPL_MAGIC[3];

/**
 * Unpacks an aggregated record: checks magic and digest, then every length and every table index.
 *
 * Never throws, whatever the bytes; memory stays linear in their number. Tags and unknown fields are skipped.
 *
 * @example
 * ```ts
 * deaggregate(Uint8Array.of(0x7b, 0x7d)); // { kind: 'malformed', reason: 'KPL aggregate: does not begin with the KPL magic number' }
 * ```
 */
export const deaggregate = (record: Uint8Array): Deaggregated => {
  // As a Buffer, because its views are Buffers too and need not be wrapped again to be read as text.
  const bytes = asBuffer(record);
  if (!isAggregated(bytes)) return malformed('does not begin with the KPL magic number');
  const endExclusive = bytes.length - KPL_DIGEST_BYTES;
  if (endExclusive < KPL_MAGIC_BYTES) return malformed('ends before the digest');
  const protobuf = bytes.subarray(KPL_MAGIC_BYTES, endExclusive);
  if (!trustedAggregates.has(record) && !kplDigest(protobuf).equals(bytes.subarray(endExclusive))) {
    return malformed('the digest does not match');
  }
  const tables = readTables(bytes, endExclusive);
  return typeof tables === 'string' ? malformed(tables) : readRecords(bytes, endExclusive, tables);
};

const malformed = (reason: string): Deaggregated => ({ kind: 'malformed', reason: `KPL aggregate: ${reason}` });

/**
 * The 256 characters that Kinesis allows have no more. A producer that packs by itself can write any length, and a key that no
 * store holds would be retried until the record expires.
 */
const MAX_KEY_BYTES = 1024;

interface Tables {
  readonly partitionKeys: readonly string[];
  readonly explicitHashKeys: readonly string[];
}

/** Protobuf leaves the order of fields open, so the tables are read before the first record. */
const readTables = (bytes: Uint8Array, endExclusive: number): Tables | string => {
  const wire = new WireReader(bytes, KPL_MAGIC_BYTES, endExclusive);
  const partitionKeys: string[] = [];
  const explicitHashKeys: string[] = [];
  while (wire.at < endExclusive) {
    const tag = wire.varint(endExclusive);
    if (tag !== KPL_TAG.partitionKey && tag !== KPL_TAG.explicitHashKey) {
      if (!wire.skip(tag, endExclusive)) return 'a field is cut off';
      continue;
    }
    const length = wire.length(endExclusive);
    if (length === BROKEN) return 'a key is cut off';
    if (tag === KPL_TAG.partitionKey && (length < 1 || length > MAX_KEY_BYTES)) {
      return `a partition key has ${String(length)} bytes, 1 to ${String(MAX_KEY_BYTES)} are allowed`;
    }
    const text = bytes.subarray(wire.at, wire.at + length);
    // Two different broken keys would be decoded to the same text, and so share a lane.
    if (!isUtf8(text)) return 'a key is not UTF-8';
    (tag === KPL_TAG.partitionKey ? partitionKeys : explicitHashKeys).push(asBuffer(text).toString('utf8'));
    wire.at += length;
  }
  return { partitionKeys, explicitHashKeys };
};

const readRecords = (bytes: Uint8Array, endExclusive: number, tables: Tables): Deaggregated => {
  const wire = new WireReader(bytes, KPL_MAGIC_BYTES, endExclusive);
  const records: KplRecord[] = [];
  while (wire.at < endExclusive) {
    const tag = wire.varint(endExclusive);
    if (tag !== KPL_TAG.record) {
      if (!wire.skip(tag, endExclusive)) return malformed('a field is cut off');
      continue;
    }
    const length = wire.length(endExclusive);
    const record = readRecord(bytes, wire, wire.at + length, tables);
    if (typeof record === 'string') return malformed(`${record} (user record ${String(records.length)})`);
    records.push(record);
  }
  return { kind: 'records', records };
};

const readRecord = (bytes: Uint8Array, wire: WireReader, end: number, tables: Tables): KplRecord | string => {
  let partitionKeyIndex = BROKEN;
  let explicitHashKeyIndex: number | undefined;
  let dataStart = BROKEN;
  let dataEnd = 0;
  while (wire.at < end) {
    const tag = wire.varint(end);
    if (tag === KPL_TAG.partitionKeyIndex) {
      partitionKeyIndex = wire.varint(end);
      if (partitionKeyIndex === BROKEN) return 'a partition key index is cut off';
    } else if (tag === KPL_TAG.explicitHashKeyIndex) {
      explicitHashKeyIndex = wire.varint(end);
      if (explicitHashKeyIndex === BROKEN) return 'an explicit hash key index is cut off';
    } else if (tag === KPL_TAG.data) {
      const length = wire.length(end);
      if (length === BROKEN) return 'its data is cut off';
      dataStart = wire.at;
      wire.at = dataEnd = dataStart + length;
    } else if (!wire.skip(tag, end)) return 'a field is cut off';
  }
  if (dataStart === BROKEN) return 'it has no data';
  if (partitionKeyIndex === BROKEN) return 'it has no partition key index';
  const partitionKey = tables.partitionKeys[partitionKeyIndex];
  if (partitionKey === undefined) return 'its partition key is not in the table';
  const data = bytes.subarray(dataStart, dataEnd);
  if (explicitHashKeyIndex === undefined) return { partitionKey, explicitHashKey: undefined, data };
  const explicitHashKey = tables.explicitHashKeys[explicitHashKeyIndex];
  return explicitHashKey === undefined
    ? 'its explicit hash key is not in the table'
    : { partitionKey, explicitHashKey, data };
};
