import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RetryPolicy } from '../../aws/retry.ts';
import type { ConditionalWrite, PartitionProgress, StateAddress, StateStore, StoredItem } from '../state-store.ts';
import { batchGet, scanPages } from './calls.ts';
import { conditionalPuts, isVersion, type ConditionalPut } from './conditional-puts.ts';
import { noTimers, rowItems, stateItems, versioned, type Item, type ItemFormat } from './items.ts';
import { progressIn, progressItem, progressItemKey, progressPartition } from './progress.ts';
import { compareKeys } from './row-keys.ts';
import { rowsInOrder } from './rows.ts';
import { itemPartition } from './state-keys.ts';
import { dueItems, listedAsIdle, partitionsWithTimer, type StateCollection } from './timers.ts';

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
 * Keyed state in DynamoDB: reads in batches, one conditional write for each changed key. What DynamoDB throttles is retried
 * until the deadline; a write is then answered `'throttled'`, a read rejects.
 *
 * `items` of a collection without a table of its own reads the whole state table; the rest reads only what it names.
 */
export const dynamoStore = (options: DynamoStoreOptions): StateStore => {
  const { client, stateTable, forgetAfterMs } = options;
  const states: Place = { table: stateTable, format: stateItems, present: 'pk' };
  const rows = new Map(
    Object.entries(options.tables).map(([collection, table]): [string, Place] => [
      collection,
      { table, format: rowItems(collection), present: 'b' },
    ]),
  );

  const placeOf = ({ collection, isRow }: Pick<StateAddress, 'collection' | 'isRow'>): Place => {
    const place = rows.get(collection);
    if (place !== undefined || isRow !== true) return place ?? states;
    const known = [...rows.keys()].join(', ') || 'none';
    throw new RangeError(
      `this function knows no DynamoDB table for '${collection}', only for ${known}: deploy it again`,
    );
  };
  const stateCollection = (collection: string): StateCollection => {
    if (rows.has(collection)) throw noTimers(collection);
    return { table: stateTable, collection };
  };
  const putOf = (write: ConditionalWrite): ConditionalPut => {
    const { table, format, present } = placeOf(write);
    const owner = format === stateItems ? undefined : write.partitionKey;
    const condition = isVersion(present, write.expected, owner);
    return { table, item: versioned(format, write, forgetAfterMs), condition };
  };
  const progressOf = async (
    collection: string,
    partitionKeys: readonly string[],
  ): Promise<readonly PartitionProgress[]> => {
    const { table } = stateCollection(collection);
    const keys = partitionKeys.map((partitionKey) => progressItemKey(collection, partitionKey));
    const found = new Map((await batchGet(options, table, keys)).map((item) => [progressPartition(item), item]));
    return partitionKeys.map((partitionKey) => progressIn(collection, partitionKey, found.get(partitionKey)));
  };

  return {
    load: async (addresses) => {
      const found = new Map<string, StoredItem>();
      await Promise.all(
        Array.from(Map.groupBy(addresses, placeOf), async ([{ table, format }, some]) => {
          for (const item of await batchGet(options, table, some.map(format.key))) {
            const stored = format.stored(item);
            if (stored !== undefined) found.set(placeText(table, format.key(stored)), stored);
          }
        }),
      );
      return addresses.map((address) => {
        const { table, format } = placeOf(address);
        return found.get(placeText(table, format.key(address)));
      });
    },
    due: async (collection, partitions) => dueItems(options, stateCollection(collection), partitions),
    write: async (writes) => conditionalPuts(client, options, writes.map(putOf)),
    progress: progressOf,
    advance: async (moves) =>
      conditionalPuts(
        client,
        options,
        moves.map((progress) => ({
          table: stateCollection(progress.collection).table,
          item: progressItem(progress),
          condition: isVersion('pk', progress.version),
        })),
      ),
    idle: async (collection, activeAtMs) => {
      const of = stateCollection(collection);
      const listed = await listedAsIdle(options, of, activeAtMs);
      const idle = (await progressOf(collection, listed)).filter((progress) => progress.activeAtMs <= activeAtMs);
      // A question for all partition keys includes those that a batch is about to give a timer: they stay on the index.
      return [...(await partitionsWithTimer(options, of, idle, activeAtMs < Infinity))].sort(compareKeys);
    },
    async *items(collection) {
      const { table, format } = placeOf({ collection });
      if (format !== stateItems) {
        for await (const item of rowsInOrder(options, { table, range: {}, ahead: ROWS_AHEAD })) {
          const stored = format.stored(item);
          if (stored !== undefined) yield stored;
        }
        return;
      }
      const found: StoredItem[] = [];
      for await (const page of scanPages(options, table, itemPartition(collection, ''))) {
        found.push(...page.flatMap((item) => format.stored(item) ?? []));
      }
      yield* found.sort(
        (one, other) => compareKeys(one.key, other.key) || compareKeys(one.partitionKey, other.partitionKey),
      );
    },
  };
};

/** Where the items of a collection are, and how they look there. */
interface Place {
  readonly table: string;
  readonly format: ItemFormat;
  /** Attribute that every item of the table has. */
  readonly present: string;
}

const placeText = (table: string, key: Item): string => `${table}\0${JSON.stringify(key)}`;
