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

/** Key of a row in its table. */
export interface RowKey {
  readonly b: string;
  readonly k: string;
}

/** Ends the key and is less than all that a key may contain, so rows are in the order of their keys. */
const END = '\0';
/** Comes right after {@link END}. */
const AFTER_END = '\u0001';

const MAX_KEY_BYTES = 1000;

/**
 * Where a row is stored: its key alone decides it.
 *
 * @example
 * ```ts
 * rowKey('US-AZ/2016-01-01'); // { b: '06', k: 'US-AZ/2016-01-01\u0000' }
 * ```
 */
export const rowKey = (key: string): RowKey => ({ b: bucketName(bucketOf(key)), k: `${key}${END}` });

/** Where a table says that its reference data was loaded: before all rows, under a key that no row can have. */
export const LOADED_MARK: RowKey = { b: '00', k: END };

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
  const next = after === undefined ? '' : `${after}${AFTER_END}`;
  const low = compareKeys(from, next) < 0 ? next : from;
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
  key !== '' && key.isWellFormed() && !key.includes(END) && Buffer.byteLength(key) <= MAX_KEY_BYTES;
