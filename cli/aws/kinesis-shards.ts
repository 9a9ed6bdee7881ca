import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';
import { called } from './calls.ts';

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

/** A stream whose shards can be read, each from a place of its own. */
export interface ShardSource {
  /** All shards that still hold records or may get some. */
  shards(): Promise<readonly Shard[]>;
  read(shardId: string, from: ReadFrom): ShardCursor;
}

export interface Shard {
  readonly shardId: string;
  /** Shards it was split from or merged of; what they hold of a partition key comes before what it holds. */
  readonly parents: readonly string[];
  /** Whether no more records will come. */
  readonly closed: boolean;
}

/** Where reading begins: at the oldest record, after the newest one, or at what arrived at a time, in ms since 1970. */
export type ReadFrom =
  { readonly kind: 'start' } | { readonly kind: 'now' } | { readonly kind: 'time'; readonly timeMs: number };

/** A place in a shard that moves on as it is read. */
export interface ShardCursor {
  next(): Promise<ShardPage>;
}

interface ShardPage {
  readonly records: readonly DeliveredRecord[];
  /** Whether the shard is closed and this was its last page; the cursor must not be asked again. */
  readonly ended: boolean;
  /** Time between the end of this page and the newest record; 0 at the tip. */
  readonly behindMs: number;
}
