const DIGITS = /^\d{1,15}$/;

/**
 * Whether a text is a whole number in a range, both ends included, written in digits alone.
 *
 * @example
 * ```ts
 * isWholeNumber('366', 0, 366); // true
 * isWholeNumber('367', 0, 366); // false
 * isWholeNumber('1e2', 0, 366); // false
 * ```
 */
export const isWholeNumber = (text: string, from: number, to: number): boolean =>
  DIGITS.test(text) && Number(text) >= from && Number(text) <= to;
