import { dayStartMsAt } from './calendar-day.ts';

/*
 * A line that `parseGhcnLine` accepts has its first three fields at fixed places:
 *
 *   USC00028815,20160101,TMAX,144,,,7,
 *   0           12       21   26
 */
const ID_END = 11;
const DATE_AT = 12;
const ELEMENT_AT = 21;
const VALUE_AT = 26;

/** Station ID of a good line. */
export const stationOfLine = (line: string): string => line.slice(0, ID_END);

/** Element of a good line. */
export const elementOfLine = (line: string): string => line.slice(ELEMENT_AT, VALUE_AT - 1);

/** Value of a good line, the integer of the line. */
export const valueOfLine = (line: string): number => Number(line.slice(VALUE_AT, line.indexOf(',', VALUE_AT)));

let lastDate = '';
let lastDayMs = Number.NaN;

/** Start of the day of a good line, UTC, in milliseconds since 1970; NaN for a line that is not good. */
export const dayOfLine = (line: string): number => {
  if (!line.startsWith(lastDate, DATE_AT) || lastDate === '') {
    lastDate = line.slice(DATE_AT, ELEMENT_AT - 1);
    lastDayMs = dayStartMsAt(lastDate) ?? Number.NaN;
  }
  return lastDayMs;
};
