/**
 * Which of two sequence numbers comes first: below 0 for `a`, above 0 for `b`, 0 if they are the same number.
 *
 * Both are decimal whole numbers as text, of any length. Compared without BigInt, because it is done per record.
 *
 * @example
 * ```ts
 * compareSequenceNumbers('9', '10'); // -1
 * compareSequenceNumbers('007', '7'); // 0
 * ```
 */
export const compareSequenceNumbers = (a: string, b: string): number => {
  if (a.length === b.length) return a < b ? -1 : Number(a > b);
  const left = a.replace(LEADING_ZEROS, '');
  const right = b.replace(LEADING_ZEROS, '');
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  return left < right ? -1 : Number(left > right);
};

const LEADING_ZEROS = /^0+(?=\d)/;
