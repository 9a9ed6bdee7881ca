import { InvalidArgumentError } from 'commander';
import { isWholeNumber } from '../../shared/runtime/whole-number.ts';

/** Makes the check of an option that is a whole number of a range; digits only, so `1e3`, `0x10` and blanks are refused. */
export const wholeNumber =
  (lowest: number, highest: number): ((text: string) => number) =>
  (text) => {
    if (isWholeNumber(text, lowest, highest)) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${String(lowest)} to ${String(highest)}.`);
  };
