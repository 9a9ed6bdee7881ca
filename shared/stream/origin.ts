/**
 * Where a record came from, and so which record it is: two deliveries with the same origin are the same record.
 *
 * `lane` names a sequence in which order is kept; `position` is text that sorts as the records of the lane are ordered
 * (plain `<`, no number parsing), so a ledger compares two positions without allocating.
 */
export interface Origin {
  readonly lane: string;
  readonly position: string;
}

/** The end of Date's range; added to a time it makes the time a number that is not negative. */
const MAX_DATE_MS = 8_640_000_000_000_000;

/**
 * A whole number of up to 99 decimal digits as text that sorts like the number: its length, then its digits.
 *
 * @example
 * ```ts
 * sortableNumber('9') < sortableNumber('10'); // true
 * sortableNumber('10'); // '0210'
 * ```
 */
export const sortableNumber = (digits: string): string =>
  digits.length < 10 ? `0${String(digits.length)}${digits}` : `${String(digits.length)}${digits}`;

/**
 * A time in milliseconds since 1970, also one before, as text that sorts like the time.
 *
 * @example
 * ```ts
 * sortableTime(-1) < sortableTime(0); // true
 * ```
 */
export const sortableTime = (timeMs: number): string => {
  const fromStart = timeMs + MAX_DATE_MS;
  // Beyond year 13000, a sum of two numbers would be rounded, and two times in a row would be one.
  return sortableNumber(String(Number.isSafeInteger(fromStart) ? fromStart : BigInt(timeMs) + BigInt(MAX_DATE_MS)));
};

/**
 * The position of the n-th record made from (or packed into) the record at `position`; it sorts after its parent and
 * before whatever follows the parent.
 *
 * @example
 * ```ts
 * childPosition('0210', 2); // '0210.012'
 * ```
 */
export const childPosition = (position: string, ordinal: number): string =>
  ordinal < 10 ? `${position}.01${String(ordinal)}` : `${position}.${sortableNumber(String(ordinal))}`;

/**
 * The position of a record made from the record at `position` that differs from its siblings by an id of its own, not by its
 * place among them. Siblings have no order: a ledger keeps the set of those it has applied.
 *
 * `id` has only lower-case letters and digits.
 *
 * @example
 * ```ts
 * siblingPosition('0210', '9f86d081'); // '0210.~9f86d081'
 * ```
 */
export const siblingPosition = (position: string, id: string): string => `${position}.~${id}`;

/*
 * The grammar of lane names. `@` precedes a partition key and occurs nowhere else, because keys are percent-encoded and names
 * have no `@`:
 *
 *   weather-raw/3~1f3a9c0b@US-AZ                    entered in shard 3 of the physical stream 1f3a9c0b under US-AZ
 *   weather-raw~kinesis@US-AZ                       entered in a shard that is not known, under a number of 56 digits
 *   weather-raw/3~1f3a9c0b@US-AZ;weather/validate   what that processor made of it
 *   sales/0@london;by-product@tea;totals            re-keyed on the way: came to `totals` under `tea`
 *   timer@US-AZ/USC00028815;weather/assemble        what a state key of that processor emitted when its timer fired
 *   producer/till-7@london                          counted by its producer, wherever it was put
 *   redrive@US-AZ/3f9a01c2b7e4/weather%2Falert      a dead letter that is given to that processor again
 */

/**
 * The lane of records that entered here from outside: one partition key in one shard of one physical stream, since sequence
 * numbers have an order only there. `shard` is undefined where it is not known.
 */
export const rootLane = (stream: string, shard: string | undefined, partitionKey: string): string =>
  `${shard === undefined ? stream : `${stream}/${shard}`}@${encoded(partitionKey)}`;

/** The part of a root lane before its partition key; undefined for any other lane. */
export const rootShard = (lane: string): string | undefined => {
  if (lane.includes(';') || lane.startsWith('timer@') || lane.startsWith(REDRIVE)) return undefined;
  const at = lane.indexOf('@');
  return at < 0 || lane.includes('@', at + 1) ? undefined : lane.slice(0, at);
};

/** The lane of records that are counted by their producer. */
export const producerLane = (producer: string, partitionKey: string): string =>
  `producer/${encoded(producer)}@${encoded(partitionKey)}`;

const REDRIVE = 'redrive@';

/** The lane under which one processor is given a dead letter again; `letter` tells letters apart. */
export const redriveLane = (partitionKey: string, letter: string, processor: string): string =>
  `${REDRIVE}${encoded(partitionKey)}/${letter}/${encoded(processor)}`;

/** Whether a record is a redriven dead letter that is meant for another processor than this one. */
export const isRedriveForOther = (lane: string, processor: string): boolean =>
  lane.startsWith(REDRIVE) && !lane.includes(';') && !lane.endsWith(`/${encoded(processor)}`);

/** Whether the records of a lane changed their partition key on the way, so that event time is not in order in it. */
export const isRekeyed = (lane: string): boolean => lane.indexOf('@') !== lane.lastIndexOf('@');

/**
 * The lane of records as they arrive under a partition key. Records of one lane that were spread over several keys have no
 * common order any more, so each key continues the lane under a name of its own.
 *
 * @example
 * ```ts
 * laneUnder('sales@london', 'london'); // 'sales@london'
 * laneUnder('sales@london;by-product', 'tea'); // 'sales@london;by-product@tea'
 * ```
 */
export const laneUnder = (lane: string, partitionKey: string): string => {
  const key = encoded(partitionKey);
  const at = lane.lastIndexOf('@') + 1;
  const isSame =
    lane.startsWith(key, at) && (at + key.length === lane.length || KEY_ENDS.test(lane.charAt(at + key.length)));
  return isSame ? lane : `${lane}@${key}`;
};

/**
 * The lane of what `processor` makes of the records of `lane`. The whole way is in the name, because two processors that
 * write to one stream each keep their own order, and one number per lane is only a ledger where one order rules.
 */
export const laneThrough = (lane: string, processor: string): string => `${lane};${processor}`;

/** The lane of what a state key emits when its timer fires: the same no matter which instance fires it. */
export const timerLane = (partitionKey: string, stateKey: string): string =>
  `timer@${encoded(partitionKey)}/${encoded(stateKey)}`;

const KEY_ENDS = /[;/]/;

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
