import type { LogStatements } from './sqlite-tables.ts';
import { numberIn, textIn } from './sqlite-tables.ts';
import type { ShardDescription } from './partitioned-log.ts';

/** The shards of a stream as stored, and the key of each in the table of records. */
export interface StoredShards {
  readonly shards: readonly ShardDescription[];
  /** In the order of `shards`. */
  readonly keys: readonly number[];
}

export const readShards = (statements: LogStatements, stream: number): StoredShards => {
  const rows = statements.shardsOfStream.all(stream);
  return {
    shards: rows.map((row) => ({
      shardId: textIn(row, 'shard_id'),
      startingHashKey: textIn(row, 'starting_hash_key'),
      endingHashKey: textIn(row, 'ending_hash_key'),
      parentShardIds: textIn(row, 'parent_shard_ids').split(' ').filter(Boolean),
      startingSequenceNumber: textIn(row, 'starting_sequence_number'),
      endingSequenceNumber: row['ending_sequence_number'] === null ? undefined : textIn(row, 'ending_sequence_number'),
    })),
    keys: rows.map((row) => numberIn(row, 'shard')),
  };
};

export const insertShards = (statements: LogStatements, stream: number, shards: readonly ShardDescription[]): void => {
  for (const shard of shards) {
    statements.insertShard.run(
      stream,
      shard.shardId,
      shard.startingHashKey,
      shard.endingHashKey,
      shard.parentShardIds.join(' '),
      shard.startingSequenceNumber,
      shard.endingSequenceNumber ?? null,
    );
  }
};
