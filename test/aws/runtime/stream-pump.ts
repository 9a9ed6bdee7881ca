import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { kinesisShards } from '../../../cli/aws/kinesis-shards.ts';
import type { ShardCursor } from '../../../cli/aws/kinesis-shards.ts';
import type { PartitionedLog } from '../../../shared/runtime/local/log/partitioned-log.ts';

/**
 * Carries records of Kinesis streams into the streams of the same names of a log, byte for byte and shard by shard, so
 * that each partition key keeps its order. A call carries what is new, and resolves to how many records that were.
 */
export const streamPump = async (
  kinesis: KinesisClient,
  streams: Readonly<Record<string, string>>,
  log: PartitionedLog,
): Promise<(arrivalMs: number) => Promise<number>> => {
  const cursors: { readonly stream: string; readonly cursor: ShardCursor }[] = [];
  for (const [stream, physical] of Object.entries(streams)) {
    const source = kinesisShards(kinesis, physical);
    for (const { shardId } of await source.shards()) {
      cursors.push({ stream, cursor: source.read(shardId, { kind: 'start' }) });
    }
  }
  return async (arrivalMs) => {
    let carried = 0;
    for (const { stream, cursor } of cursors) {
      for (;;) {
        const { records } = await cursor.next();
        if (records.length === 0) break;
        log.put(
          stream,
          records.map(({ partitionKey, data }) => ({ partitionKey, data })),
          arrivalMs,
        );
        carried += records.length;
      }
    }
    return carried;
  };
};
