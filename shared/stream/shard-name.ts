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
 * Emulators that speak Kinesis' form have it too; others count upwards from a number that only begins like one. What must agree
 * separates them: the two indices, the zeros, the version, and a record that is not older than its shard.
 */
const SEQUENCE_DIGITS = 56;
const BITS_BELOW_TOP = 184n;
const BITS_BELOW_CREATION = 148n;
const BITS_BELOW_COUNTER = 144n;
const BITS_BELOW_ZEROS = 72n;
const VERSION = 2;
/** Clocks of the machines that create shards and take records differ. */
const CLOCK_SKEW_SECONDS = 86_400;

/** Numbers from `from` to `to`, both included. Texts of one length are ordered like their numbers. */
interface NumberRange {
  readonly from: string;
  readonly to: string;
}

const NO_NUMBER: NumberRange = { from: '', to: '' };

const isIn = ({ from, to }: NumberRange, sequenceNumber: string): boolean =>
  sequenceNumber >= from && sequenceNumber <= to;

/*
 * What was found out last, so that neighbours need no BigInt. It changes how fast an answer is found, never the answer.
 */
let top = { range: NO_NUMBER, creation: 0, lowIndex: 0 };
let foreign = NO_NUMBER;
let last = { creation: -1, index: -1, name: '' };

/**
 * The shard that a sequence number of Kinesis names, as `<creation in seconds>.<index>`: for records whose shard the caller
 * does not know. Undefined for a number of any other form, also for one that only looks like it.
 *
 * Two streams whose shards were created in the same second share such names; {@link shardName} keeps them apart.
 *
 * @example
 * ```ts
 * shardOfSequenceNumber('49590338271490256608559692538361571095921575989136588898'); // '1542776258.6'
 * shardOfSequenceNumber('49'); // undefined
 * ```
 */
export const shardOfSequenceNumber = (sequenceNumber: string): string | undefined => {
  if (sequenceNumber.length !== SEQUENCE_DIGITS || isIn(foreign, sequenceNumber)) return undefined;
  if (!isIn(top.range, sequenceNumber) && !readTop(sequenceNumber)) return undefined;
  const { creation } = top;
  const index = indexIn(sequenceNumber);
  if (index === undefined) return undefined;
  if (creation !== last.creation || index !== last.index) {
    last = { creation, index, name: `${String(creation)}.${String(index)}` };
  }
  return last.name;
};

/**
 * Whether a number has as many digits as those of Kinesis. A shard that gives such numbers gives no others, so the numbers of
 * one that was replaced by an emulator, or by which an emulator was replaced, are not of one sequence.
 */
export const isLikeKinesis = (sequenceNumber: string): boolean => sequenceNumber.length === SEQUENCE_DIGITS;

const DIGITS = /^\d+$/u;

const bits = (value: bigint, below: bigint, count: number): number => Number(BigInt.asUintN(count, value >> below));

/** Reads what all records of a shard have in common. */
const readTop = (sequenceNumber: string): boolean => {
  if (!DIGITS.test(sequenceNumber)) return false;
  const value = BigInt(sequenceNumber);
  if (value >> BITS_BELOW_TOP !== 2n) return false;
  const from = (value >> BITS_BELOW_COUNTER) << BITS_BELOW_COUNTER;
  top = {
    range: { from: String(from), to: String(from + (1n << BITS_BELOW_COUNTER) - 1n) },
    creation: bits(value, BITS_BELOW_CREATION, 36),
    lowIndex: bits(value, BITS_BELOW_COUNTER, 4),
  };
  return true;
};

const LIMB = 2 ** 27;
const CHUNK_DIGITS = 7;
const CHUNK = 10 ** CHUNK_DIGITS;

/** The index of the shard, from the lowest 81 bits; undefined where they do not agree with each other and with `top`. */
const indexIn = (sequenceNumber: string): number | undefined => {
  let low = 0;
  let middle = 0;
  let high = 0;
  for (let at = 0; at < SEQUENCE_DIGITS; at += CHUNK_DIGITS) {
    const lowSum = low * CHUNK + chunkAt(sequenceNumber, at);
    const lowCarry = Math.floor(lowSum / LIMB);
    const middleSum = middle * CHUNK + lowCarry;
    const middleCarry = Math.floor(middleSum / LIMB);
    const highSum = high * CHUNK + middleCarry;
    low = lowSum - lowCarry * LIMB;
    middle = middleSum - middleCarry * LIMB;
    high = highSum - Math.floor(highSum / LIMB) * LIMB;
  }
  const zeros = (high >>> 18) & 0xff;
  if (zeros !== 0) {
    foreign = foreignRange(sequenceNumber);
    return undefined;
  }
  const index = (middle & 0x1ff) * 2 ** 23 + (low >>> 4);
  const time = (high & 0x3ffff) * 2 ** 18 + (middle >>> 9);
  const fits = (low & 0xf) === VERSION && (index & 0xf) === top.lowIndex && time + CLOCK_SKEW_SECONDS >= top.creation;
  return fits ? index : undefined;
};

const chunkAt = (sequenceNumber: string, start: number): number => {
  let value = 0;
  for (let at = start; at < start + CHUNK_DIGITS; at += 1) value = value * 10 + sequenceNumber.charCodeAt(at) - ZERO;
  return value;
};

const ZERO = 0x30;
const FOREIGN_DIGITS = 40;

/** The numbers that begin like this one and all have a bit where Kinesis has zeros. */
const foreignRange = (sequenceNumber: string): NumberRange => {
  const prefix = sequenceNumber.slice(0, FOREIGN_DIGITS);
  const from = prefix.padEnd(SEQUENCE_DIGITS, '0');
  const to = prefix.padEnd(SEQUENCE_DIGITS, '9');
  const zeros = bits(BigInt(from), BITS_BELOW_ZEROS, 8);
  return zeros !== 0 && zeros === bits(BigInt(to), BITS_BELOW_ZEROS, 8) ? { from, to } : NO_NUMBER;
};
