import type { PartitionProgress } from '../state-store.ts';
import { numberIn, textIn, type Item } from './items.ts';
import { activityShardOf, partitionKeyOf, progressKey } from './state-keys.ts';

const MINUTE_MS = 60_000;

/**
 * The minute by which a partition key is listed as active: whole minutes, so that most writes leave the index as it is.
 *
 * @example
 * ```ts
 * activityMinute(119_999); // 1
 * activityMinute(-1); // -1
 * activityMinute(-Infinity); // -9007199254740991
 * ```
 */
export const activityMinute = (activeAtMs: number): number =>
  Math.max(Math.floor(activeAtMs / MINUTE_MS), Number.MIN_SAFE_INTEGER);

/** Key of the progress of a partition key. */
export const progressItemKey = (collection: string, partitionKey: string): Item => {
  const { pk, sk } = progressKey(collection, partitionKey);
  return { pk: { S: pk }, sk: { S: sk } };
};

/**
 * Progress as it is after it was stored: `w` is the watermark, `a` when it was active, `d` and `i` its place in the index of
 * activity. "Never" is no number of DynamoDB; the attribute is left out then.
 */
export const progressItem = (progress: PartitionProgress): Item => {
  const { collection, partitionKey, watermarkMs, activeAtMs, version } = progress;
  return {
    ...progressItemKey(collection, partitionKey),
    ...(Number.isFinite(watermarkMs) && { w: { N: String(watermarkMs) } }),
    ...(Number.isFinite(activeAtMs) && { a: { N: String(activeAtMs) } }),
    d: { S: activityShardOf(collection, partitionKey) },
    i: { N: String(activityMinute(activeAtMs)) },
    v: { N: String(version + 1) },
  };
};

/** What an item that {@link progressItem} made says; without one, progress that was never stored. */
export const progressIn = (collection: string, partitionKey: string, item: Item | undefined): PartitionProgress => ({
  collection,
  partitionKey,
  watermarkMs: (item && numberIn(item, 'w')) ?? -Infinity,
  activeAtMs: (item && numberIn(item, 'a')) ?? -Infinity,
  version: (item && numberIn(item, 'v')) ?? 0,
});

/** The partition key that an item of progress is about. */
export const progressPartition = (item: Item): string => partitionKeyOf(textIn(item, 'pk') ?? '');
