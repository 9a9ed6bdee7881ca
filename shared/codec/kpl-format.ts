import { hash } from 'node:crypto';

/*
 * The aggregation format of the Kinesis Producer Library:
 *
 *   F3 89 9A C2 | protobuf2 AggregatedRecord | MD5 of the protobuf, 16 bytes
 *
 *   AggregatedRecord { 1: repeated string partition_key_table; 2: repeated string explicit_hash_key_table;
 *                      3: repeated Record records }
 *   Record { 1: required uint64 partition_key_index; 2: optional uint64 explicit_hash_key_index;
 *            3: required bytes data; 4: repeated Tag tags (no known producer writes them) }
 */
export const KPL_MAGIC: readonly [number, number, number, number] = [0xf3, 0x89, 0x9a, 0xc2];
export const KPL_MAGIC_BYTES: number = KPL_MAGIC.length;
export const KPL_DIGEST_BYTES = 16;

/** A protobuf tag is the field number times 8, plus 2 for a value with a length, plus 0 for a varint. */
export const KPL_TAG = {
  partitionKey: 0x0a,
  explicitHashKey: 0x12,
  record: 0x1a,
  partitionKeyIndex: 0x08,
  explicitHashKeyIndex: 0x10,
  data: 0x1a,
} as const;

/** The MD5 that closes an aggregated record. It guards against damage, not against forgery. */
export const kplDigest = (protobuf: Uint8Array): Buffer => hash('md5', protobuf, 'buffer');

/**
 * Aggregates that this process has made itself, whose digest need not be computed again when the very same array comes back, as
 * it does from a log in memory. They must not be written to. Bytes from anywhere else are checked.
 */
export const trustedAggregates = new WeakSet<Uint8Array>();
