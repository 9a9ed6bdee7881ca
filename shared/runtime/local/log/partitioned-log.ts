import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { HashKey, HashKeyRange } from '../../../stream/hash-key.ts';

/** One record to put. The log keeps `data` as it is, so it must not be changed afterwards. */
export interface PutEntry {
  /** 1 to 256 characters. */
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** Decides the shard in place of the partition key: a number from 0 to 2^128 - 1 in decimal. */
  readonly explicitHashKey?: string;
}

/** Where a record was put. */
export interface PutResult {
  readonly shardId: string;
  readonly sequenceNumber: string;
}

/** One shard, described as Kinesis does. */
export interface ShardDescription extends HashKeyRange {
  /** `shardId-000000000000` and so on, in the order in which the shards were made. */
  readonly shardId: string;
  /** None for a shard of the new stream, one after a split, two after a merge. */
  readonly parentShardIds: readonly string[];
  /** Below the number of every record of the shard. */
  readonly startingSequenceNumber: string;
  /** Above the number of every record of the shard, below all numbers of its children; undefined while it is open. */
  readonly endingSequenceNumber: string | undefined;
}

/** How much one read returns at most. */
export interface ReadLimit {
  readonly records: number;
  /** Bytes of data. A single record above it is returned alone, so that a reader always makes progress. */
  readonly bytes: number;
}

/**
 * Named streams of records, each divided into shards by the MD5 of the partition key: what Kinesis Data Streams is, in
 * this process.
 *
 * Sequence numbers are 56 decimal digits and grow within a stream over all its shards, so a key that moves to a child
 * shard goes on with larger numbers. All calls are synchronous: a put, the state it belongs to and a checkpoint can be
 * one transaction. Every call throws {@link LogRequestError} for a stream or shard that does not exist, and the errors
 * named below; a call that throws changed nothing.
 */
export interface PartitionedLog {
  /** Throws if the name is taken, or for a number of shards outside 1 to 10000. */
  createStream(name: string, options: { readonly shards: number }): void;
  /** Names, in the order in which the streams were made. */
  streams(): readonly string[];
  /** All shards ever made, in the order in which they were made; closed ones stay listed. */
  shards(name: string): readonly ShardDescription[];
  /**
   * Appends all entries or none, in their order. `arrivalMs` is the log's time, in milliseconds since 1970.
   *
   * Throws for a partition key outside 1 to 256 characters, a record (data and key) above the size limit, a hash key that
   * is none.
   */
  put(name: string, entries: readonly PutEntry[], arrivalMs: number): readonly PutResult[];
  /** Records of a shard in order, after the given number or from the oldest that is kept; empty if none is left. */
  read(name: string, shardId: string, after: string | undefined, limit: ReadLimit): readonly DeliveredRecord[];
  /** How many records a read without limit would return. */
  count(name: string, shardId: string, after: string | undefined): number;
  /** The largest number used so far: reading after it returns only what is put from now on, in any shard. */
  latestSequenceNumber(name: string): string;
  /**
   * Shards that may have a record after this number, in the order of `shards`; all of which a record was ever put into if it is
   * undefined. The cost does not depend on the number of records.
   */
  shardsAfter(name: string, after: string | undefined): readonly string[];
  /**
   * Closes an open shard and opens two that divide its range at `newStartingHashKey`, which begins the upper one.
   *
   * @default the middle of the range
   */
  split(name: string, shardId: string, newStartingHashKey?: HashKey): readonly [lower: string, upper: string];
  /** Closes two open shards whose ranges touch and opens one for both. */
  merge(name: string, shardId: string, adjacentShardId: string): string;
  /** Forgets the records up to and including the given number; doing it twice is doing it once. */
  trim(name: string, shardId: string, throughSequenceNumber: string): void;
  /**
   * Forgets records that arrived before this, from the oldest up to the first that did not: what a stream's retention does.
   */
  expire(name: string, shardId: string, arrivedBeforeMs: number): void;
}

/** Limits of a log; the defaults are those of a new Kinesis stream. */
export interface LogOptions {
  /**
   * Maximum bytes of one record: data plus partition key in UTF-8.
   *
   * @default 1 MiB
   */
  readonly maxRecordBytes?: number;
}

/** Why a log refuses a request. */
export type LogRefusal =
  | 'stream-exists'
  | 'unknown-stream'
  | 'unknown-shard'
  | 'shard-closed'
  | 'shards-not-adjacent'
  | 'bad-hash-key'
  | 'bad-partition-key'
  | 'bad-sequence-number'
  | 'record-too-large';

/** A request that the log refused; nothing was changed. */
export class LogRequestError extends Error {
  override readonly name = 'LogRequestError';
  readonly reason: LogRefusal;

  constructor(reason: LogRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
