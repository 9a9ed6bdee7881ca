import { hash } from 'node:crypto';

/**
 * A place in Kinesis' 128-bit hash space: 32 lower-case hexadecimal digits, so plain `<` orders them.
 *
 * Kinesis' own API writes the same number in decimal; see {@link hashKeyFromDecimal}.
 */
export type HashKey = string;

/** A part of the hash space; both ends belong to it, as in Kinesis. */
export interface HashKeyRange {
  readonly startingHashKey: HashKey;
  readonly endingHashKey: HashKey;
}

const DIGITS = 32;
const SPACE = 1n << 128n;

/**
 * Where a partition key lies: the MD5 of its UTF-8 text. Takes about a microsecond, so callers keep the answer per key.
 *
 * @example
 * ```ts
 * hashKeyOf('US-AZ'); // '98567a3908c882e786c63087679f396e'
 * ```
 */
export const hashKeyOf = (partitionKey: string): HashKey => hash('md5', partitionKey);

/**
 * Divides the hash space as Kinesis does for a new stream: equal ranges in order, the last one takes what is left over.
 *
 * `count` is a whole number from 1 to 10000.
 *
 * @example
 * ```ts
 * evenHashKeyRanges(2)[1]; // { startingHashKey: '80000000000000000000000000000000', endingHashKey: 'ffffffffffffffffffffffffffffffff' }
 * ```
 */
export const evenHashKeyRanges = (count: number): readonly HashKeyRange[] => {
  if (!Number.isInteger(count) || count < 1 || count > MAX_SHARDS) {
    throw new RangeError(`a stream has 1 to ${String(MAX_SHARDS)} shards, got ${String(count)}`);
  }
  const width = SPACE / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    startingHashKey: hashKeyFrom(BigInt(index) * width),
    endingHashKey: hashKeyFrom(index === count - 1 ? SPACE - 1n : BigInt(index + 1) * width - 1n),
  }));
};

const MAX_SHARDS = 10_000;

const hashKeyFrom = (value: bigint): HashKey => value.toString(16).padStart(DIGITS, '0');

const valueOf = (hashKey: HashKey): bigint => BigInt(`0x${hashKey}`);

/**
 * A hash key as Kinesis' API writes it: a whole number from 0 to 2^128 - 1 in decimal.
 *
 * @example
 * ```ts
 * hashKeyFromDecimal('255'); // '000000000000000000000000000000ff'
 * ```
 */
export const hashKeyFromDecimal = (decimal: string): HashKey => {
  const value = /^(0|[1-9]\d{0,38})$/.test(decimal) ? BigInt(decimal) : SPACE;
  if (value >= SPACE) {
    throw new RangeError(`a hash key is a whole number from 0 to 2^128 - 1 in decimal, got '${decimal.slice(0, 50)}'`);
  }
  return hashKeyFrom(value);
};

/**
 * The same place as Kinesis' API writes it.
 *
 * @example
 * ```ts
 * hashKeyToDecimal('000000000000000000000000000000ff'); // '255'
 * ```
 */
export const hashKeyToDecimal = (hashKey: HashKey): string => valueOf(hashKey).toString();

/** The place just before this one; there is none before the first. */
export const hashKeyBefore = (hashKey: HashKey): HashKey => hashKeyFrom(valueOf(hashKey) - 1n);

/**
 * Where a range is cut in two equal halves: the first place of the upper one. A range of one place cannot be cut.
 *
 * @example
 * ```ts
 * middleHashKey({ startingHashKey: hashKeyFromDecimal('0'), endingHashKey: hashKeyFromDecimal('9') }); // '00000000000000000000000000000005'
 * ```
 */
export const middleHashKey = ({ startingHashKey, endingHashKey }: HashKeyRange): HashKey =>
  hashKeyFrom((valueOf(startingHashKey) + valueOf(endingHashKey) + 1n) / 2n);
