import { hash } from 'node:crypto';
import { bucketOf } from './bucket.ts';

/** Key of a row in its table. */
interface RowKey {
  readonly b: string;
  readonly k: string;
}

/** Ends the key and is less than all that a key may contain, so rows stand in the order of their keys. */
const END = '\0';
/** Comes right behind {@link END}. */
const AFTER_END = '\u0001';

const MOST_KEY_BYTES = 1000;
const LANE_DIGITS = 16;

/**
 * Where a row is stored that a processor writes: several partition keys may bring one key, each then has a row.
 *
 * @example
 * ```ts
 * rowKey('US-AZ/2016-01-01', 'US-AZ'); // { b: '06', k: 'US-AZ/2016-01-01\u0000a63a4be42b6fd9d7' }
 * ```
 */
export const rowKey = (key: string, partitionKey: string): RowKey => ({
  b: bucketName(bucketOf(key)),
  k: `${key}${END}${hash('sha256', partitionKey).slice(0, LANE_DIGITS)}`,
});

/** Where a row of reference data is stored. */
export const referenceKey = (key: string): RowKey => ({ b: bucketName(bucketOf(key)), k: `${key}${END}` });

/**
 * A bucket as the tables name it.
 *
 * @example
 * ```ts
 * bucketName(7); // '07'
 * ```
 */
export const bucketName = (bucket: number): string => String(bucket).padStart(2, '0');

/** Bounds of the sort keys of rows, both inclusive; undefined for none. */
interface SortBounds {
  readonly low: string | undefined;
  readonly high: string | undefined;
}

/** A range of keys. */
export interface KeyRange {
  /** Inclusive. @default - from the first key */
  readonly from?: string | undefined;
  /** Exclusive. @default - to the last key */
  readonly to?: string | undefined;
  /** Exclusive; where a page ended. @default - from the first key */
  readonly after?: string | undefined;
}

/**
 * The bounds of the sort keys of a range; undefined if no key is in it.
 *
 * @example
 * ```ts
 * sortBounds({ from: 'a', to: 'c' }); // { low: 'a', high: 'c' }
 * sortBounds({ from: 'a', after: 'b' }); // { low: 'b\u0001', high: undefined }
 * sortBounds({ from: 'c', to: 'a' }); // undefined
 * ```
 */
export const sortBounds = ({ from = '', to, after }: KeyRange): SortBounds | undefined => {
  const behind = after === undefined ? '' : `${after}${AFTER_END}`;
  const low = compareKeys(from, behind) < 0 ? behind : from;
  if (to !== undefined && compareKeys(low, to) >= 0) return undefined;
  return { low: low === '' ? undefined : low, high: to };
};

/** Compares keys in the order of a table: by their bytes in UTF-8. Below 0 if the first comes first. */
export const compareKeys = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

/**
 * Whether a table can hold a row of this key: 1 to 1000 bytes of UTF-8, without U+0000.
 *
 * @example
 * ```ts
 * isRowKey('US-AZ/2016-01-01'); // true
 * isRowKey(''); // false
 * isRowKey('a\u0000b'); // false
 * ```
 */
export const isRowKey = (key: string): boolean =>
  key !== '' && key.isWellFormed() && !key.includes(END) && Buffer.byteLength(key) <= MOST_KEY_BYTES;
