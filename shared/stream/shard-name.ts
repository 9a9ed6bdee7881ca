import { hash } from 'node:crypto';

/** Which shard of which stream; either may be unknown to the caller. */
export interface PhysicalShard {
  /** ARN of the physical stream: region, account and name. */
  readonly streamArn?: string | undefined;
  readonly shardId?: string | undefined;
}

/**
 * A short name of a shard, the same in every delivery of its records, in letters, digits and `. _ ~ -`: the number of the
 * shard, then `~` and 32 bits of SHA-256 of the stream's ARN, so that shards of two physical streams never share a name.
 *
 * Without an ARN it is the number alone. An id that is not of Kinesis' own form is kept where it is 1 to 128 letters, digits
 * and `. _ -`, and hashed otherwise. Undefined without an id, because a stream alone has no order.
 *
 * @example
 * ```ts
 * shardName({ shardId: 'shardId-000000000012' }); // '12'
 * shardName({ shardId: 'shardId-000000000012', streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/raw' }); // '12~d4ae0b84'
 * shardName({ streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/raw' }); // undefined
 * ```
 */
export const shardName = ({ streamArn, shardId }: PhysicalShard): string | undefined => {
  if (shardId === undefined || shardId === '') return undefined;
  const number = KINESIS_SHARD_ID.exec(shardId)?.[1];
  const shard = number ?? (PLAIN_ID.test(shardId) ? shardId : hash('sha256', shardId).slice(0, ID_HEX_DIGITS));
  return streamArn === undefined || streamArn === ''
    ? shard
    : `${shard}~${hash('sha256', streamArn).slice(0, ARN_HEX_DIGITS)}`;
};

const KINESIS_SHARD_ID = /^shardId-0*(\d+)$/u;
/** Without `~`, which only stands before a stream's hash. */
const PLAIN_ID = /^[a-zA-Z0-9._-]{1,128}$/u;
const ID_HEX_DIGITS = 16;
const ARN_HEX_DIGITS = 8;

/*
 * A sequence number of Kinesis has 56 decimal digits and 186 bits, here in hexadecimal digits from the highest:
 *
 *   2 | 9 shard's creation, seconds | 1 index mod 16 | 16 counter | 2 zero | 9 record's time, seconds | 8 shard's index | 2 version
 *
 * Emulators that speak Kinesis' form have it too; others count upwards from a number that only begins like one. Those are told
 * apart by what must agree: the two indices, the zeros, the version, and a record that is not older than its shard.
 */
const SEQUENCE_DIGITS = 56;
const FIRST_DIGIT = 2n;
const VERSION = 2n;
const BITS_BELOW_CREATION = 148n;
const BITS_BELOW_LOW_INDEX = 144n;
const BITS_BELOW_ZEROS = 72n;
const BITS_BELOW_TIME = 36n;
/** Clocks of the machines that create shards and take records differ. */
const CLOCK_SKEW_SECONDS = 86_400n;

/** The last number that was taken apart: all of `from` to `to` have its creation and low index. */
interface Known {
  readonly from: string;
  readonly to: string;
  readonly low: number;
  readonly name: string;
}

let known: Known = { from: '', to: '', low: 0, name: '' };
/** Numbers of another form, both ends included. */
let foreign = { from: '', to: '' };

/**
 * The shard that a sequence number of Kinesis names, as `<creation in seconds>.<index>`: for records whose shard the caller
 * does not know. Undefined for a number of any other form, also for one that only looks like it.
 *
 * Two streams whose shards were created in the same second are not told apart; {@link shardName} does that. Takes some 50
 * nanoseconds where neighbours share a shard, some microseconds where not.
 *
 * @example
 * ```ts
 * shardOfSequenceNumber('49590338271490256608559692538361571095921575989136588898'); // '1542776258.6'
 * shardOfSequenceNumber('49'); // undefined
 * ```
 */
export const shardOfSequenceNumber = (sequenceNumber: string): string | undefined => {
  if (sequenceNumber.length !== SEQUENCE_DIGITS) return undefined;
  // Texts of one length are ordered like their numbers.
  if (sequenceNumber >= known.from && sequenceNumber <= known.to && lowBits(sequenceNumber) === known.low) {
    return known.name;
  }
  if (sequenceNumber >= foreign.from && sequenceNumber <= foreign.to) return undefined;
  if (!DIGITS.test(sequenceNumber)) return undefined;
  const value = BigInt(sequenceNumber);
  const name = nameIn(value);
  if (name === undefined) {
    foreign = foreignRange(sequenceNumber);
    return undefined;
  }
  const from = (value >> BITS_BELOW_LOW_INDEX) << BITS_BELOW_LOW_INDEX;
  known = {
    from: String(from),
    to: String(from + (1n << BITS_BELOW_LOW_INDEX) - 1n),
    low: lowBits(sequenceNumber),
    name,
  };
  return name;
};

const DIGITS = /^\d+$/u;

const bits = (value: bigint, below: bigint, count: number): bigint => BigInt.asUintN(count, value >> below);

const nameIn = (value: bigint): string | undefined => {
  const creation = bits(value, BITS_BELOW_CREATION, 36);
  const time = bits(value, BITS_BELOW_TIME, 36);
  const index = bits(value, 4n, 32);
  const fits =
    value >> 184n === FIRST_DIGIT &&
    bits(value, 0n, 4) === VERSION &&
    bits(value, BITS_BELOW_ZEROS, 8) === 0n &&
    bits(value, BITS_BELOW_LOW_INDEX, 4) === bits(index, 0n, 4) &&
    time + CLOCK_SKEW_SECONDS >= creation;
  return fits ? `${String(creation)}.${String(index)}` : undefined;
};

/** Digits that decide on the zeros wherever the number goes on: neighbours that begin so need no second look. */
const FOREIGN_DIGITS = 40;

const foreignRange = (sequenceNumber: string): typeof foreign => {
  const prefix = sequenceNumber.slice(0, FOREIGN_DIGITS);
  const from = prefix.padEnd(SEQUENCE_DIGITS, '0');
  const to = prefix.padEnd(SEQUENCE_DIGITS, '9');
  const zeros = bits(BigInt(from), BITS_BELOW_ZEROS, 8);
  return zeros !== 0n && zeros === bits(BigInt(to), BITS_BELOW_ZEROS, 8) ? { from, to } : { from: '', to: '' };
};

/** The last 32 bits: version, and 28 of the 32 bits of the index. Only the last 32 decimal digits have a part in them. */
const lowBits = (sequenceNumber: string): number => {
  let low = 0;
  for (let at = SEQUENCE_DIGITS - 32; at < SEQUENCE_DIGITS; at += 1) {
    low = (Math.imul(low, 10) + sequenceNumber.charCodeAt(at) - ZERO) | 0;
  }
  return low;
};

const ZERO = 0x30;
