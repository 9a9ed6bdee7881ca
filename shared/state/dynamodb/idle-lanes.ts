import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { retrying } from '../../aws/retry.ts';
import type { LaneProgress } from '../state-store.ts';
import { textIn } from './attributes.ts';
import type { TableReader } from './batch-get.ts';
import { ALL_BUCKETS } from './bucket.ts';
import { hasTimer } from './due-items.ts';
import { inParallel } from '../../aws/in-parallel.ts';
import { activityMinute, progressItemKey } from './progress-item.ts';
import { queryAll } from './query-pages.ts';
import { activityShard, partitionKeyOf } from './state-keys.ts';
import { ACTIVITY_INDEX } from './table-layout.ts';

const CALLS_AT_ONCE = 32;

/** A collection in the state table. */
interface StateCollection {
  readonly table: string;
  readonly collection: string;
}

/** Partition keys that the index lists as not active after this time. The index lags behind and counts in whole minutes. */
export const listedAsIdle = async (
  reader: TableReader,
  { table, collection }: StateCollection,
  activeAtMs: number,
): Promise<readonly string[]> => {
  const isBounded = activeAtMs < Infinity;
  const pages = await inParallel(ALL_BUCKETS.length, ALL_BUCKETS, (bucket) =>
    queryAll(reader, {
      TableName: table,
      IndexName: ACTIVITY_INDEX,
      KeyConditionExpression: isBounded ? 'd = :d AND i <= :i' : 'd = :d',
      ExpressionAttributeValues: {
        ':d': { S: activityShard(collection, bucket) },
        ...(isBounded && { ':i': { N: String(activityMinute(activeAtMs)) } }),
      },
    }),
  );
  // A lane that becomes active while the index is read may be met twice.
  return [...new Set(pages.flat().map((item) => partitionKeyOf(textIn(item, 'pk') ?? '')))];
};

/**
 * Those of some lanes that have a timer. With `forget` the others are taken off the index, so that it lists only what there is to
 * do; their next batch enters them again.
 */
export const lanesWithTimer = async (
  reader: TableReader,
  of: StateCollection,
  lanes: readonly LaneProgress[],
  forget: boolean,
): Promise<readonly string[]> => {
  const found = await inParallel(CALLS_AT_ONCE, lanes, async (progress) => {
    if (await hasTimer(reader, of.table, of.collection, progress.partitionKey)) return progress.partitionKey;
    if (forget) await takeOffIndex(reader, of.table, progress);
    return undefined;
  });
  return found.filter((partitionKey) => partitionKey !== undefined);
};

/** Takes a lane off the index of activity, unless somebody has worked on it since. What fails here, the next sweep does. */
const takeOffIndex = async (
  reader: TableReader,
  table: string,
  { collection, partitionKey, version }: LaneProgress,
): Promise<void> => {
  const update = new UpdateItemCommand({
    TableName: table,
    Key: progressItemKey(collection, partitionKey),
    UpdateExpression: 'REMOVE d, i',
    ConditionExpression: 'v = :v',
    ExpressionAttributeValues: { ':v': { N: String(version) } },
  });
  await retrying(reader, async (abortSignal) => {
    try {
      await reader.client.send(update, { abortSignal });
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    return { kind: 'done', value: undefined };
  });
};
