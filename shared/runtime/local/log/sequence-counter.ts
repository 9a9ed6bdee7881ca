import { LogRequestError } from './partitioned-log.ts';

/*
 * A sequence number is 56 decimal digits and begins with 49, like one of Kinesis:
 *
 *   49 and 38 fixed digits | 7 digits | 9 digits from 100000000 to 999999999
 *
 * The last group never begins with 0, so the next number is the same head and one small integer more: no BigInt and no
 * padding per record. The last two groups together are the position, which fits a double and an SQLite integer.
 */
const FIXED = '4960000000000000000000000000000000000000';
const GROUP = 1_000_000_000;
const GROUP_START = 100_000_000;
const HEAD_DIGITS = 7;

const headOf = (group: number): string => FIXED + String(group).padStart(HEAD_DIGITS, '0');

/** Makes the sequence numbers of one stream. */
export class SequenceCounter {
  #group: number;
  #head: string;
  #low: number;

  /** Continues after the last position used; 0 begins anew. */
  constructor(lastPosition: number) {
    this.#group = Math.floor(lastPosition / GROUP);
    this.#head = headOf(this.#group);
    this.#low = lastPosition === 0 ? GROUP_START - 1 : lastPosition - this.#group * GROUP;
  }

  /** The position of the last number. */
  get position(): number {
    return this.#group * GROUP + this.#low;
  }

  /** The last number. */
  get latest(): string {
    return sequenceNumberAt(this.position);
  }

  next(): string {
    this.#low += 1;
    if (this.#low === GROUP) {
      this.#group += 1;
      this.#head = headOf(this.#group);
      this.#low = GROUP_START;
    }
    return this.#head + String(this.#low);
  }
}

/** The sequence number at a position of a stream. */
export const sequenceNumberAt = (position: number): string => FIXED + String(position).padStart(HEAD_DIGITS + 9, '0');

/** The position of a sequence number of this runtime's logs; throws {@link LogRequestError} for any other. */
export const positionOf = (sequenceNumber: string): number => {
  const position = Number(sequenceNumber.slice(FIXED.length));
  if (
    sequenceNumber.length !== SEQUENCE_DIGITS ||
    !sequenceNumber.startsWith(FIXED) ||
    !Number.isSafeInteger(position)
  ) {
    throw new LogRequestError(
      'bad-sequence-number',
      `'${sequenceNumber.slice(0, 80)}' is not a sequence number of this log: give one that a put or a read returned`,
    );
  }
  return position;
};

const SEQUENCE_DIGITS: number = FIXED.length + HEAD_DIGITS + 9;
