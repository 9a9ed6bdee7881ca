import { hash } from 'node:crypto';

/** Characters of a partition key that Kinesis takes, from 1. */
export const MAX_PARTITION_KEY_CHARACTERS = 256;

const DIGEST_HEX_DIGITS = 32;
const KEPT_CHARACTERS = MAX_PARTITION_KEY_CHARACTERS - DIGEST_HEX_DIGITS - 1;

/**
 * A partition key for text of any length, such as a URL: itself up to 256 characters, else its first 223 characters, `~` and
 * 128 bits of the SHA-256 of the whole. The same text always has the same key, and two texts never share one in practice. Only
 * the partition key is shortened; keep the text itself in the value. Throws a `RangeError` for empty text, which no stream takes.
 *
 * @example
 * ```ts
 * shortPartitionKey('/index.html'); // '/index.html'
 * shortPartitionKey('/search?q=' + 'x'.repeat(1000)).length; // 256
 * ```
 */
export const shortPartitionKey = (text: string): string => {
  if (text === '') throw new RangeError("a partition key must have at least one character, got ''");
  if (text.length <= MAX_PARTITION_KEY_CHARACTERS) return text;
  // Half a surrogate pair at the cut would become another character in UTF-8.
  const kept = text.slice(0, KEPT_CHARACTERS).replace(/[\ud800-\udbff]$/u, '');
  return `${kept}~${hash('sha256', text).slice(0, DIGEST_HEX_DIGITS)}`;
};

/**
 * One of `count` partition keys for a text: `'00'`, `'01'`, and so on, the same on every machine. For texts that are too
 * many to be partition keys themselves: state remembers each partition key that its records came by, and each has an event time
 * of its own, which moves only with its own records.
 *
 * `count` is a whole number from 1, and bounds how many shards are of use. Another count is another partitioning: state and open
 * windows of before are not found under it.
 *
 * @example
 * ```ts
 * bucketOf('/index.html', 32); // '05'
 * ```
 */
export const bucketOf = (text: string, count: number): string => {
  if (!Number.isSafeInteger(count) || count < 1 || count > MAX_BUCKETS) {
    throw new RangeError(`there can be 1 to ${String(MAX_BUCKETS)} buckets, got ${String(count)}`);
  }
  const bucket = Number.parseInt(hash('sha256', text).slice(0, 8), 16) % count;
  return String(bucket).padStart(String(count - 1).length, '0');
};

/** As many as a stream may have shards. */
const MAX_BUCKETS = 10_000;
