import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { StoredItem } from '../state-store.ts';
import type { Item } from './attributes.ts';
import type { TableReader } from './batch-get.ts';
import { readInTime } from './read-in-time.ts';
import { compareKeys } from './row-keys.ts';
import { stateItems } from './state-item.ts';
import { itemPartition } from './state-keys.ts';

/**
 * All items of a collection in the state table, ordered by key, then partition key. Reads the whole table, all collections
 * in it, and holds what it finds in memory: for looking into state by hand, never for a function.
 */
export const scanItems = async (
  reader: TableReader,
  table: string,
  collection: string,
): Promise<readonly StoredItem[]> => {
  const found: StoredItem[] = [];
  let start: Item | undefined;
  do {
    const page = await readInTime(`table '${table}'`, reader, async (abortSignal) => ({
      kind: 'done',
      value: await reader.client.send(
        new ScanCommand({
          TableName: table,
          ConsistentRead: true,
          FilterExpression: 'begins_with(pk, :p)',
          ExpressionAttributeValues: { ':p': { S: itemPartition(collection, '') } },
          ExclusiveStartKey: start,
        }),
        { abortSignal },
      ),
    }));
    for (const item of page.Items ?? []) {
      const stored = stateItems.stored(item);
      if (stored !== undefined) found.push(stored);
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return found.sort(
    (one, other) => compareKeys(one.key, other.key) || compareKeys(one.partitionKey, other.partitionKey),
  );
};
