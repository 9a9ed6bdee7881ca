import type { DueLane, StoredItem } from '../state-store.ts';
import { textIn, type Item } from './attributes.ts';
import { batchGet, type TableReader } from './batch-get.ts';
import { inParallel } from '../../aws/in-parallel.ts';
import { queryAll, queryPages, type PartitionQuery } from './query-pages.ts';
import { stateItems } from './state-item.ts';
import { itemPartition } from './state-keys.ts';
import { TIMERS_INDEX } from './table-layout.ts';

const QUERIES_AT_ONCE = 32;

/** The items of some lanes whose timer is due: the index tells which, the table what is in them. */
export const dueItems = async (
  reader: TableReader,
  table: string,
  collection: string,
  lanes: readonly DueLane[],
): Promise<readonly StoredItem[]> => {
  const asked = lanes.filter(({ dueMs }) => dueMs > -Infinity);
  const found = await inParallel(QUERIES_AT_ONCE, asked, ({ partitionKey, dueMs }) =>
    queryAll(reader, timersQuery(table, collection, partitionKey, dueMs)),
  );
  // An item whose timer moves while the index is read may be met twice, and DynamoDB wants each key once.
  const keys = new Map(
    found.flat().map((item) => [`${textIn(item, 'pk') ?? ''}\0${textIn(item, 'sk') ?? ''}`, keyOf(item)]),
  );
  const items = await batchGet(reader, table, [...keys.values()]);
  const dueMsOf = new Map(asked.map(({ partitionKey, dueMs }) => [partitionKey, dueMs]));
  return items.flatMap((item) => {
    const stored = stateItems.stored(item);
    // Somebody may have moved the timer between the two reads.
    const isDue = stored?.timerMs !== undefined && stored.timerMs <= (dueMsOf.get(stored.partitionKey) ?? -Infinity);
    return isDue ? [stored] : [];
  });
};

/** Whether any item of a partition key has a timer. */
export const hasTimer = async (
  reader: TableReader,
  table: string,
  collection: string,
  partitionKey: string,
): Promise<boolean> => {
  for await (const page of queryPages(reader, {
    ...timersQuery(table, collection, partitionKey, Infinity),
    Limit: 1,
  })) {
    if (page.length > 0) return true;
  }
  return false;
};

const timersQuery = (table: string, collection: string, partitionKey: string, dueMs: number): PartitionQuery => {
  const isBounded = dueMs < Infinity;
  return {
    TableName: table,
    IndexName: TIMERS_INDEX,
    ConsistentRead: true,
    KeyConditionExpression: isBounded ? 'pk = :p AND t <= :t' : 'pk = :p',
    ExpressionAttributeValues: {
      ':p': { S: itemPartition(collection, partitionKey) },
      ...(isBounded && { ':t': { N: String(dueMs) } }),
    },
  };
};

const keyOf = (item: Item): Item => ({ pk: { S: textIn(item, 'pk') ?? '' }, sk: { S: textIn(item, 'sk') ?? '' } });
