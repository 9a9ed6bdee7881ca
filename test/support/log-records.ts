import { LogRequestError } from '../../shared/runtime/local/log/partitioned-log.ts';
import type { PartitionedLog, PutEntry } from '../../shared/runtime/local/log/partitioned-log.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';

/** No limit. */
export const ALL = { records: 1_000_000, bytes: Number.POSITIVE_INFINITY };
/** The first shard of a stream. */
export const FIRST = 'shardId-000000000000';

/** A record whose data is a text. */
export const entry = (partitionKey: string, text = partitionKey): PutEntry => ({
  partitionKey,
  data: Buffer.from(text),
});
/** The texts of records. */
export const texts = (records: readonly DeliveredRecord[]): string[] =>
  records.map(({ data }) => Buffer.from(data).toString());
/** Their sequence numbers. */
export const numbers = (records: readonly DeliveredRecord[]): string[] =>
  records.map(({ sequenceNumber }) => sequenceNumber);

/** All records of a stream, shard by shard. */
export const readAll = (log: PartitionedLog, name: string): DeliveredRecord[] =>
  log.shards(name).flatMap(({ shardId }) => log.read(name, shardId, undefined, ALL));

/** Reason and message of a refused request. */
export const refusal = (request: () => unknown): string => {
  try {
    request();
  } catch (error) {
    if (error instanceof LogRequestError) return `${error.reason}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
};
