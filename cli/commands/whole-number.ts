import { InvalidArgumentError } from 'commander';

/** Makes the check of an option that is a whole number of a range; digits only, so `1e3`, `0x10` and blanks are refused. */
export const wholeNumber =
  (lowest: number, highest: number): ((text: string) => number) =>
  (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= lowest && value <= highest) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${String(lowest)} to ${String(highest)}.`);
  };
