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

/** Date's own range ends here; added to a time it makes every time a number that is not negative. */
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
export const sortableTime = (timeMs: number): string => sortableNumber(String(timeMs + MAX_DATE_MS));

/**
 * The position of the n-th record made from (or packed into) the record at `position`; it sorts behind its parent and
 * before whatever follows the parent.
 *
 * @example
 * ```ts
 * childPosition('0210', 2); // '0210.012'
 * ```
 */
export const childPosition = (position: string, ordinal: number): string =>
  ordinal < 10 ? `${position}.01${String(ordinal)}` : `${position}.${sortableNumber(String(ordinal))}`;

/*
 * The grammar of lane names. `@` stands before a partition key and nowhere else, because keys are percent-encoded and names
 * have no `@`:
 *
 *   weather-raw@US-AZ                            entered in stream weather-raw under US-AZ
 *   weather-raw@US-AZ;weather/validate           what that processor made of it
 *   sales@london;by-product@tea;totals           re-keyed on the way: came to `totals` under `tea`
 *   timer@US-AZ/USC00028815;weather/assemble     what a state key of that processor gave out when its timer fired
 */

/** The lane of records that entered here from outside: one partition key of one root stream. */
export const rootLane = (stream: string, partitionKey: string): string => `${stream}@${encoded(partitionKey)}`;

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

/** Where a state key stands in when its timer fires, in place of a lane of records; the same whoever fires it. */
export const timerLane = (partitionKey: string, stateKey: string): string =>
  `timer@${encoded(partitionKey)}/${encoded(stateKey)}`;

const KEY_ENDS = /[;/]/;

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
