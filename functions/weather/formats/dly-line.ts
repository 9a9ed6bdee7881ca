import { daysInMonth } from '../model/calendar-day.ts';
import { isDigit } from '../model/char-class.ts';
import { ELEMENT_CHARS, hasElementAt } from '../model/element-name.ts';
import { hasStationIdAt, STATION_ID_CHARS } from '../model/station-id.ts';
import { csvField } from './csv-field.ts';

const MONTH_AT = STATION_ID_CHARS + 4;
const ELEMENT_AT = MONTH_AT + 2;
const DAYS_AT = ELEMENT_AT + ELEMENT_CHARS;
const VALUE_CHARS = 5;
const DAY_CHARS = VALUE_CHARS + 3;
const DAYS = 31;
const LINE_CHARS = DAYS_AT + DAYS * DAY_CHARS;
// Three flags at the end may be blank, and some tools cut trailing blanks.
const MIN_LINE_CHARS = LINE_CHARS - 3;
const NO_VALUE = '-9999';

/**
 * Whether a line has the fixed columns of a `.dly` file: ID, year, month, element, and 31 times a value of five characters with
 * three flags; 269 characters, or up to three fewer where trailing blanks were cut. The values are not checked.
 */
export const isDlyLine = (line: string): boolean => {
  if (line.length < MIN_LINE_CHARS || line.length > LINE_CHARS) return false;
  if (!hasStationIdAt(line, 0) || !hasElementAt(line, ELEMENT_AT)) return false;
  for (let at = STATION_ID_CHARS; at < ELEMENT_AT; at += 1) if (!isDigit(line.charCodeAt(at))) return false;
  return daysInMonth(yearOf(line), monthOf(line)) > 0;
};

/** The station and month of a line with the columns of {@link isDlyLine}, as one text. */
export const stationMonthOf = (line: string): string => line.slice(0, ELEMENT_AT);

/**
 * The raw CSV line of one day (1 to 31) of a line with the columns of {@link isDlyLine}.
 *
 * `undefined` for the days that only fill the line up: those the month does not have, with no value in them. A value on such a
 * day gives a line all the same, which the pipeline then refuses for its date.
 */
export const dayOfDlyLine = (line: string, day: number): string | undefined => {
  const at = DAYS_AT + (day - 1) * DAY_CHARS;
  const value = line.slice(at, at + VALUE_CHARS).trim();
  if (value === NO_VALUE && day > daysInMonth(yearOf(line), monthOf(line))) return undefined;
  const flag = (place: number): string => line.charAt(at + VALUE_CHARS + place).trim();
  const date = line.slice(STATION_ID_CHARS, ELEMENT_AT) + String(day).padStart(2, '0');
  const element = line.slice(ELEMENT_AT, DAYS_AT);
  return `${line.slice(0, STATION_ID_CHARS)},${date},${element},${csvField(value)},${flag(0)},${flag(1)},${flag(2)},`;
};

const yearOf = (line: string): number => Number(line.slice(STATION_ID_CHARS, MONTH_AT));
const monthOf = (line: string): number => Number(line.slice(MONTH_AT, ELEMENT_AT));
