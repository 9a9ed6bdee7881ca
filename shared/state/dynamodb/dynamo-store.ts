import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RetryPolicy } from '../../aws/retry.ts';
import type { StateStore, StoredItem } from '../state-store.ts';
import { textIn } from './attributes.ts';
import { batchGet } from './batch-get.ts';
import { conditionalPuts } from './conditional-puts.ts';
import { dueItems } from './due-items.ts';
import { lanesWithTimer, listedAsIdle } from './idle-lanes.ts';
import { versioned, type ItemFormat } from './item-format.ts';
import { noProgress, progressIn, progressItem, progressItemKey } from './progress-item.ts';
import { noTimers, rowItems } from './row-item.ts';
import { compareKeys } from './row-keys.ts';
import { rowsInOrder } from './rows-in-order.ts';
import { scanItems } from './scan-items.ts';
import { stateItems } from './state-item.ts';
import { progressKey } from './state-keys.ts';

/** Where keyed state is kept on AWS. */
export interface DynamoStoreOptions extends RetryPolicy {
  readonly client: DynamoDBClient;
  /** Table with the layout `STATE_TABLE`. */
  readonly stateTable: string;
  /** Tables with the layout `ROW_TABLE`, by collection: those whose items are the rows of a table. */
  readonly tables: Readonly<Record<string, string>>;
  /**
   * For how long a ledger is kept after the last write of a key that has no state any more, in milliseconds; longer than the
   * stream keeps records, or repeats of them would be applied again.
   */
  readonly forgetAfterMs: number;
}

/** How many rows are read ahead of each bucket when all of a table are read. */
const ROWS_AHEAD = 100;

/**
 * Keyed state in DynamoDB: reads in batches, one conditional write for each changed key. What DynamoDB throttles is tried
 * again until the deadline; a write is then answered `'throttled'`, a read rejects.
 *
 * `items` of a collection without a table of its own reads the whole state table; the rest reads only what it names.
 */
export const dynamoStore = (options: DynamoStoreOptions): StateStore => {
  const { client, stateTable, nowMs, forgetAfterMs } = options;
  const tables = new Map(Object.entries(options.tables));
  const placeOf = (collection: string): { readonly table: string; readonly format: ItemFormat } => {
    const table = tables.get(collection);
    return table === undefined ? { table: stateTable, format: stateItems } : { table, format: rowItems(collection) };
  };
  const checkTimers = (collection: string): void => {
    if (tables.has(collection)) throw noTimers(collection);
  };
  const progressOf = async (
    collection: string,
    partitionKeys: readonly string[],
  ): ReturnType<StateStore['progress']> => {
    checkTimers(collection);
    const keys = partitionKeys.map((partitionKey) => progressItemKey(collection, partitionKey));
    const found = new Map((await batchGet(options, stateTable, keys)).map((item) => [textIn(item, 'pk'), item]));
    return partitionKeys.map((partitionKey) => {
      const item = found.get(progressKey(collection, partitionKey).pk);
      return item === undefined ? noProgress(collection, partitionKey) : progressIn(collection, item);
    });
  };

  return {
    load: async (addresses) => {
      const byCollection = Map.groupBy(addresses, ({ collection }) => collection);
      const found = new Map<string, StoredItem>();
      await Promise.all(
        Array.from(byCollection, async ([collection, some]) => {
          const { table, format } = placeOf(collection);
          for (const item of await batchGet(options, table, some.map(format.key))) {
            const stored = format.stored(item);
            if (stored !== undefined) found.set(addressText(stored), stored);
          }
        }),
      );
      return addresses.map((address) => found.get(addressText(address)));
    },
    due: async (collection, lanes) => {
      checkTimers(collection);
      return dueItems(options, stateTable, collection, lanes);
    },
    write: async (writes) =>
      conditionalPuts(
        client,
        options,
        writes.map((write) => {
          const { table, format } = placeOf(write.collection);
          const item = versioned(format, write, nowMs(), forgetAfterMs);
          return { table, item, present: format.present, expected: write.expected };
        }),
      ),
    progress: progressOf,
    advance: async (lanes) =>
      conditionalPuts(
        client,
        options,
        lanes.map((progress) => {
          checkTimers(progress.collection);
          return { table: stateTable, item: progressItem(progress), present: 'pk', expected: progress.version };
        }),
      ),
    idle: async (collection, activeAtMs) => {
      checkTimers(collection);
      const of = { table: stateTable, collection };
      const listed = await listedAsIdle(options, of, activeAtMs);
      const idle = (await progressOf(collection, listed)).filter((progress) => progress.activeAtMs <= activeAtMs);
      // Who asks for all partition keys asks for those too that a batch is about to give a timer.
      return [...(await lanesWithTimer(options, of, idle, activeAtMs < Infinity))].sort(compareKeys);
    },
    async *items(collection) {
      const { table, format } = placeOf(collection);
      if (format === stateItems) {
        yield* await scanItems(options, table, collection);
        return;
      }
      // Rows of one key are neighbours, in the order of a hash of their partition keys.
      let same: StoredItem[] = [];
      for await (const item of rowsInOrder(options, { table, range: {}, ahead: ROWS_AHEAD })) {
        const stored = format.stored(item);
        if (stored === undefined) continue;
        if (same[0]?.key !== stored.key) {
          yield* byPartitionKey(same);
          same = [];
        }
        same.push(stored);
      }
      yield* byPartitionKey(same);
    },
  };
};

const byPartitionKey = (items: readonly StoredItem[]): readonly StoredItem[] =>
  [...items].sort((one, other) => compareKeys(one.partitionKey, other.partitionKey));

/** One text for each address: neither a collection nor a key has a U+0000. */
const addressText = ({
  collection,
  partitionKey,
  key,
}: Pick<StoredItem, 'collection' | 'partitionKey' | 'key'>): string => `${collection}\0${partitionKey}\0${key}`;
