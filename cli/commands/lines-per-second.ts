import { InvalidArgumentError } from 'commander';

/** Reads an option that is a pace: lines per second, or `max`, which is `Infinity`. */
export const linesPerSecond = (text: string): number => {
  if (text === 'max') return Infinity;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number of lines per second from 1 to 999999999, or 'max'.");
};
