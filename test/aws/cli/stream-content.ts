import { awsClients } from '../../../shared/aws/clients.ts';
import { deaggregate, isAggregated } from '../../../shared/codec/kpl.ts';
import { textOf } from '../../../shared/codec/text-bytes.ts';
import { kinesisShards } from '../../../cli/aws/kinesis-shards.ts';

/** Texts of the records in a stream, by partition key, each in the order of its shard. */
export const streamContent = async (streamName: string): Promise<ReadonlyMap<string, readonly string[]>> => {
  const source = kinesisShards(awsClients().kinesis(), streamName);
  const content = new Map<string, string[]>();
  for (const { shardId } of await source.shards()) {
    const cursor = source.read(shardId, { kind: 'start' });
    for (let page = await cursor.next(); ; page = await cursor.next()) {
      for (const { partitionKey, data } of page.records) {
        const texts = content.get(partitionKey) ?? [];
        content.set(partitionKey, texts);
        if (!isAggregated(data)) {
          texts.push(textOf(data));
          continue;
        }
        const unpacked = deaggregate(data);
        if (unpacked.kind === 'malformed') throw new Error(unpacked.reason);
        for (const record of unpacked.records) texts.push(textOf(record.data));
      }
      if (page.ended || page.behindMs === 0) break;
    }
  }
  return content;
};
