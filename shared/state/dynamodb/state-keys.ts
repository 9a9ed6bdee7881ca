import type { StateAddress } from '../state-store.ts';
import { bucketOf } from './row-keys.ts';

/** Key of an item in the state table. */
interface StateKey {
  readonly pk: string;
  readonly sk: string;
}

// Neither occurs in the name of a processor or table, so the text before the first of them is that name.
const ITEM_MARK = '|';
const PROGRESS_MARK = '#';

/**
 * Where an item of state is stored.
 *
 * @example
 * ```ts
 * itemKey({ collection: 'weather/assemble', partitionKey: 'US-AZ', key: 'USW1' }); // { pk: 'weather/assemble|US-AZ', sk: 'USW1' }
 * ```
 */
export const itemKey = ({ collection, partitionKey, key }: StateAddress): StateKey => ({
  pk: itemPartition(collection, partitionKey),
  sk: key,
});

/** What all items of a partition key have in common. */
export const itemPartition = (collection: string, partitionKey: string): string =>
  `${collection}${ITEM_MARK}${partitionKey}`;

/**
 * The address of what is stored there; undefined for what is not an item of state.
 *
 * @example
 * ```ts
 * addressAt('weather/assemble|a|b', 'USW1'); // { collection: 'weather/assemble', partitionKey: 'a|b', key: 'USW1' }
 * addressAt('weather/assemble#US-AZ', '#'); // undefined
 * ```
 */
export const addressAt = (pk: string, sk: string): StateAddress | undefined => {
  const at = pk.indexOf(ITEM_MARK);
  if (at < 0 || pk.slice(0, at).includes(PROGRESS_MARK)) return undefined;
  return { collection: pk.slice(0, at), partitionKey: pk.slice(at + 1), key: sk };
};

/**
 * Where the progress of a partition key is stored: apart from its items, so that reading these does not meet it.
 *
 * @example
 * ```ts
 * progressKey('weather/assemble', 'US-AZ'); // { pk: 'weather/assemble#US-AZ', sk: '#' }
 * ```
 */
export const progressKey = (collection: string, partitionKey: string): StateKey => ({
  pk: `${collection}${PROGRESS_MARK}${partitionKey}`,
  sk: PROGRESS_MARK,
});

/** The partition key whose progress is stored at a key that {@link progressKey} made. */
export const partitionKeyOf = (pk: string): string => pk.slice(pk.indexOf(PROGRESS_MARK) + 1);

/**
 * The part of the index of activity that a partition key is in.
 *
 * @example
 * ```ts
 * activityShard('weather/assemble', 6); // 'weather/assemble#6'
 * ```
 */
export const activityShard = (collection: string, bucket: number): string =>
  `${collection}${PROGRESS_MARK}${String(bucket)}`;

/** The part of the index of activity that lists a partition key. */
export const activityShardOf = (collection: string, partitionKey: string): string =>
  activityShard(collection, bucketOf(partitionKey));
