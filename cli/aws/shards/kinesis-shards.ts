import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { called } from '../patience.ts';
import type { ReadFrom, Shard, ShardCursor, ShardSource } from './shard-source.ts';

/** Most records of one page; few enough that a page of 10 MiB, which blocks the shard for seconds, is rare. */
const PAGE_RECORDS = 1000;

/** The shards of a Kinesis data stream. */
export const kinesisShards = (client: KinesisClient, streamName: string): ShardSource => ({
  shards: () => listShards(client, streamName),
  read: (shardId, from) => cursor(client, streamName, shardId, from),
});

const listShards = async (client: KinesisClient, streamName: string): Promise<readonly Shard[]> => {
  const shards: Shard[] = [];
  let token: string | undefined;
  do {
    const page = await called(`listing the shards of ${streamName}`, (abortSignal) =>
      client.send(new ListShardsCommand(token === undefined ? { StreamName: streamName } : { NextToken: token }), {
        abortSignal,
      }),
    );
    for (const { ShardId, ParentShardId, AdjacentParentShardId, SequenceNumberRange } of page.Shards ?? []) {
      if (ShardId === undefined) continue;
      shards.push({
        shardId: ShardId,
        parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
        closed: SequenceNumberRange?.EndingSequenceNumber !== undefined,
      });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return shards;
};

const cursor = (client: KinesisClient, streamName: string, shardId: string, from: ReadFrom): ShardCursor => {
  const doing = `reading shard ${shardId} of ${streamName}`;
  let iterator: string | undefined;
  let place: Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'> =
    placeOf(from);
  const position = async (abortSignal: AbortSignal): Promise<string | undefined> => {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamName: streamName, ShardId: shardId, ...place }),
      { abortSignal },
    );
    return ShardIterator;
  };
  return {
    next: () =>
      called(doing, async (abortSignal) => {
        iterator ??= await position(abortSignal);
        try {
          const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: PAGE_RECORDS }), {
            abortSignal,
          });
          iterator = page.NextShardIterator;
          const last = page.Records?.at(-1)?.SequenceNumber;
          if (last !== undefined) place = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last };
          return {
            records: (page.Records ?? []).map(
              ({ PartitionKey, SequenceNumber, Data, ApproximateArrivalTimestamp }) => ({
                partitionKey: PartitionKey ?? '',
                sequenceNumber: SequenceNumber ?? '',
                data: Data ?? new Uint8Array(),
                arrivalMs: ApproximateArrivalTimestamp?.getTime() ?? 0,
              }),
            ),
            ended: iterator === undefined,
            behindMs: page.MillisBehindLatest ?? 0,
          };
        } catch (error) {
          // An iterator lives for five minutes.
          if (!(error instanceof Error) || error.name !== 'ExpiredIteratorException') throw error;
          iterator = undefined;
          return { records: [], ended: false, behindMs: Infinity };
        }
      }),
  };
};

const placeOf = (from: ReadFrom): Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'Timestamp'> => {
  switch (from.kind) {
    case 'start':
      return { ShardIteratorType: 'TRIM_HORIZON' };
    case 'now':
      return { ShardIteratorType: 'LATEST' };
    case 'time':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(from.timeMs) };
  }
};
