import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { MemoryLog } from '../../../shared/runtime/local/log/memory-log.ts';
import { reader } from '../../../shared/runtime/local/stream-reader.ts';
import type { Stream } from '../../../shared/stream/stream.ts';

/** All values of a Kinesis stream, repeats dropped. */
export const deployedValues = async <Value>(
  kinesis: KinesisClient,
  streamName: string,
  stream: Stream<Value>,
): Promise<readonly Value[]> => {
  const log = new MemoryLog();
  log.createStream(stream.name, { shards: 1 });
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: streamName }));
  for (const { ShardId } of Shards) {
    const { ShardIterator: first } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName: streamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    for (let iterator = first; iterator !== undefined;) {
      const page = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }));
      for (const { PartitionKey = '', Data = new Uint8Array() } of page.Records ?? []) {
        log.put(stream.name, [{ partitionKey: PartitionKey, data: Data }], 0);
      }
      // An open shard has no end, only a place after which nothing has come yet.
      const isAtEnd = (page.Records?.length ?? 0) === 0 && (page.MillisBehindLatest ?? 0) === 0;
      iterator = isAtEnd ? undefined : page.NextShardIterator;
    }
  }
  return reader(log, stream).read('once');
};
