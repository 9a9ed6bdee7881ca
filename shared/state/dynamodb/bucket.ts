import { hash } from 'node:crypto';

/** Into how many buckets keys are spread, so that no table is written in one place only. */
const BUCKETS = 8;

/** All buckets. */
export const ALL_BUCKETS: readonly number[] = Array.from({ length: BUCKETS }, (_, bucket) => bucket);

/**
 * The bucket of a key: 0 to 7, the same at all times and everywhere.
 *
 * @example
 * ```ts
 * bucketOf('US-AZ'); // 6
 * bucketOf('US-VT'); // 0
 * ```
 */
export const bucketOf = (key: string): number => Number.parseInt(hash('sha256', key).slice(0, 2), 16) % BUCKETS;
