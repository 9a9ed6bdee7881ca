import { isWholeNumber } from '../whole-number.ts';

/** A variable that holds a whole number, and what it may be. */
export interface WholeNumberVariable {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** What it is when it is not set. */
  readonly otherwise: number;
}

/**
 * Reads an option of a topology from the environment of its function, once, at start-up.
 *
 * Throws a `RangeError` that names the variable where it holds anything but a whole number in the range, both ends included.
 */
export const wholeNumberVariable = (
  { name, from, to, otherwise }: WholeNumberVariable,
  env: Readonly<Record<string, string | undefined>> = process.env,
): number => {
  const text = env[name];
  if (text === undefined) return otherwise;
  if (isWholeNumber(text, from, to)) return Number(text);
  throw new RangeError(
    `${name} must be a whole number from ${from} to ${to}, got '${text}': correct it in the configuration of the function, or deploy again`,
  );
};
