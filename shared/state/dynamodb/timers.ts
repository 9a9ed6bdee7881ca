import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../../aws/in-parallel.ts';
import { retrying } from '../../aws/retry.ts';
import type { DuePartition, PartitionProgress, StoredItem } from '../state-store.ts';
import { batchGet, queryAll, queryPages, type PartitionQuery, type TableReader } from './calls.ts';
import { isVersion } from './conditional-puts.ts';
import { stateItems, textIn, type Item } from './items.ts';
import { activityMinute, progressItemKey } from './progress.ts';
import { ALL_BUCKETS } from './row-keys.ts';
import { activityShard, itemPartition, partitionKeyOf } from './state-keys.ts';
import { ACTIVITY_INDEX, TIMERS_INDEX } from './table-layout.ts';

const QUERIES_AT_ONCE = 32;

/** A collection in the state table. */
export interface StateCollection {
  readonly table: string;
  readonly collection: string;
}

/** The items of some partitions whose timer is due: the index tells which, the table what is in them. */
export const dueItems = async (
  reader: TableReader,
  of: StateCollection,
  partitions: readonly DuePartition[],
): Promise<readonly StoredItem[]> => {
  const asked = partitions.filter(({ dueMs }) => dueMs > -Infinity);
  const found = await inParallel(QUERIES_AT_ONCE, asked, ({ partitionKey, dueMs }) =>
    queryAll(reader, timersQuery(of, partitionKey, dueMs)),
  );
  // An item whose timer moves while the index is read may be met twice; it is read once.
  const items = await batchGet(reader, of.table, found.flat().map(keyOf));
  const dueMsOf = new Map(asked.map(({ partitionKey, dueMs }) => [partitionKey, dueMs]));
  return items.flatMap((item) => {
    const stored = stateItems.stored(item);
    // Another writer may have moved the timer between the two reads.
    const isDue = stored?.timerMs !== undefined && stored.timerMs <= (dueMsOf.get(stored.partitionKey) ?? -Infinity);
    return isDue ? [stored] : [];
  });
};

/** Whether any item of a partition key has a timer. */
const hasTimer = async (reader: TableReader, of: StateCollection, partitionKey: string): Promise<boolean> => {
  const query = { ...timersQuery(of, partitionKey, Infinity), Limit: 1 };
  for await (const page of queryPages(reader, query)) if (page.length > 0) return true;
  return false;
};

const timersQuery = ({ table, collection }: StateCollection, partitionKey: string, dueMs: number): PartitionQuery => {
  const isBounded = dueMs < Infinity;
  return {
    TableName: table,
    IndexName: TIMERS_INDEX,
    // A timer that the batch before has set must not be missed.
    ConsistentRead: true,
    KeyConditionExpression: isBounded ? 'pk = :p AND t <= :t' : 'pk = :p',
    ExpressionAttributeValues: {
      ':p': { S: itemPartition(collection, partitionKey) },
      ...(isBounded && { ':t': { N: String(dueMs) } }),
    },
  };
};

const keyOf = (item: Item): Item => ({ pk: { S: textIn(item, 'pk') ?? '' }, sk: { S: textIn(item, 'sk') ?? '' } });

/** Partition keys that the index lists as not active after this time. The index lags and counts in whole minutes. */
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
  // A partition that becomes active while the index is read may be met twice.
  return [...new Set(pages.flat().map((item) => partitionKeyOf(textIn(item, 'pk') ?? '')))];
};

/**
 * Those of some partitions that have a timer. With `forget` the others are taken off the index, so that it lists only what
 * is left to do; their next batch enters them again.
 */
export const partitionsWithTimer = async (
  reader: TableReader,
  of: StateCollection,
  partitions: readonly PartitionProgress[],
  forget: boolean,
): Promise<readonly string[]> => {
  const found = await inParallel(QUERIES_AT_ONCE, partitions, async (progress) => {
    if (await hasTimer(reader, of, progress.partitionKey)) return progress.partitionKey;
    if (forget) await takeOffIndex(reader, of.table, progress);
    return undefined;
  });
  return found.filter((partitionKey) => partitionKey !== undefined);
};

/** Takes a partition off the index of activity, unless a batch has moved it since. What fails here, the next sweep does. */
const takeOffIndex = async (
  reader: TableReader,
  table: string,
  { collection, partitionKey, version }: PartitionProgress,
): Promise<void> => {
  const update = new UpdateItemCommand({
    TableName: table,
    Key: progressItemKey(collection, partitionKey),
    UpdateExpression: 'REMOVE d, i',
    ...isVersion('pk', version),
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
