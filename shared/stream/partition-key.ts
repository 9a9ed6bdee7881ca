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
