import { dayStartMsAt } from './calendar-day.ts';
import { isDigit, isPrintableAscii } from './char-class.ts';
import { ELEMENT_CHARS, hasElementAt } from './element-name.ts';
import { InvalidReason } from './invalid-reason.ts';
import { hasStationIdAt, STATION_ID_CHARS } from './station-id.ts';

/** What every readable line says: which element of which station and day. */
interface Reading {
  readonly stationId: string;
  /** `YYYYMMDD`. */
  readonly date: string;
  /** Start of the day in UTC; negative before 1970. */
  readonly dayStartMs: number;
  readonly element: string;
}

/** One line of GHCN-Daily, read. */
export type ParsedLine =
  /** `value` is the integer of the line: tenths for the elements that are kept in tenths. */
  | (Reading & { readonly kind: 'value'; readonly value: number })
  /** The value is -9999: nothing was measured. */
  | (Reading & { readonly kind: 'missing' })
  | { readonly kind: 'invalid'; readonly reason: InvalidReason };

/** Longest line that can be a record, in UTF-16 units; a real one has about 35. */
export const MAX_GHCN_LINE_CHARS = 4_096;

const MISSING_VALUE = -9_999;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;
const MINUS = 0x2d;
const QUOTE = 0x22;
const DATE_CHARS = 8;
// Fifteen digits are always a safe integer.
const MAX_VALUE_DIGITS = 15;

const invalid = (reason: InvalidReason): ParsedLine => ({ kind: 'invalid', reason });
const MALFORMED = invalid(InvalidReason.MalformedLine);
const BAD_STATION = invalid(InvalidReason.BadStation);
const BAD_DATE = invalid(InvalidReason.BadDate);
const BAD_ELEMENT = invalid(InvalidReason.BadElement);
const BAD_VALUE = invalid(InvalidReason.BadValue);

// Lines come by day and by station, so the last one is nearly always the next one too.
let lastDate = '';
let lastDayStartMs = 0;
let lastStationId = '';

/**
 * Reads one line `ID,YYYYMMDD,ELEMENT,VALUE,MFLAG,QFLAG,SFLAG,OBSTIME`; never throws.
 *
 * The first rule that fails gives the reason, in this order: `malformed-line` (over 4,096 characters, anything but
 * printable ASCII, not 8 fields, a double quote in a field after VALUE), `bad-station` (not 11 letters, digits, `_` or `-`), `bad-date`
 * (no real day as YYYYMMDD), `bad-element` (not four of A-Z and 0-9), `bad-value` (no integer of at most 15 digits with an
 * optional minus). Then -9999 is missing, flagged or not, and after that a non-empty QFLAG is `quality-flag:<flag>`.
 * One carriage return at the end is not part of the line. Quotes have no meaning: a quoted ID or number is a bad one.
 *
 * @example
 * ```ts
 * parseGhcnLine('USC00028815,20160101,TMAX,144,,,7,'); // { kind: 'value', stationId: 'USC00028815', date: '20160101', dayStartMs: 1451606400000, element: 'TMAX', value: 144 }
 * parseGhcnLine('USC00028815,20160101,TMAX,-9999,,X,7,').kind; // 'missing'
 * parseGhcnLine('USC00028815,20160101,TMAX,144,,X,7,'); // { kind: 'invalid', reason: 'quality-flag:X' }
 * parseGhcnLine('USC00028815,20160231,TMAX,144,,,7,'); // { kind: 'invalid', reason: 'bad-date' }
 * ```
 */
export const parseGhcnLine = (line: string): ParsedLine => {
  let end = line.length;
  if (end > 0 && line.charCodeAt(end - 1) === CARRIAGE_RETURN) end -= 1;
  if (end > MAX_GHCN_LINE_CHARS) return MALFORMED;

  let commas = 0;
  let dateAt = 0;
  let elementAt = 0;
  let valueAt = 0;
  let measureFlagAt = 0;
  let qualityFlagAt = 0;
  let sourceFlagAt = 0;
  for (let at = 0; at < end; at += 1) {
    const code = line.charCodeAt(at);
    if (code === COMMA) {
      commas += 1;
      if (commas === 1) dateAt = at + 1;
      else if (commas === 2) elementAt = at + 1;
      else if (commas === 3) valueAt = at + 1;
      else if (commas === 4) measureFlagAt = at + 1;
      else if (commas === 5) qualityFlagAt = at + 1;
      else if (commas === 6) sourceFlagAt = at + 1;
    } else if (!isPrintableAscii(code) || (code === QUOTE && commas >= 4)) {
      return MALFORMED;
    }
  }
  if (commas !== 7) return MALFORMED;

  if (dateAt !== STATION_ID_CHARS + 1) return BAD_STATION;
  if (!line.startsWith(lastStationId) || lastStationId === '') {
    if (!hasStationIdAt(line, 0)) return BAD_STATION;
    lastStationId = line.slice(0, STATION_ID_CHARS);
  }

  if (elementAt - dateAt !== DATE_CHARS + 1) return BAD_DATE;
  if (!line.startsWith(lastDate, dateAt) || lastDate === '') {
    const dayStartMs = dayStartMsAt(line, dateAt);
    if (dayStartMs === undefined) return BAD_DATE;
    lastDate = line.slice(dateAt, dateAt + DATE_CHARS);
    lastDayStartMs = dayStartMs;
  }

  if (valueAt - elementAt !== ELEMENT_CHARS + 1 || !hasElementAt(line, elementAt)) return BAD_ELEMENT;

  const value = integerBetween(line, valueAt, measureFlagAt - 1);
  if (value === undefined) return BAD_VALUE;

  const stationId = lastStationId;
  const date = lastDate;
  const dayStartMs = lastDayStartMs;
  const element = line.slice(elementAt, elementAt + ELEMENT_CHARS);
  if (value === MISSING_VALUE) return { kind: 'missing', stationId, date, dayStartMs, element };
  if (sourceFlagAt - qualityFlagAt > 1) return invalid(`quality-flag:${line.slice(qualityFlagAt, sourceFlagAt - 1)}`);
  return { kind: 'value', stationId, date, dayStartMs, element, value };
};

const integerBetween = (text: string, from: number, end: number): number | undefined => {
  const isNegative = text.charCodeAt(from) === MINUS;
  const digitsAt = isNegative ? from + 1 : from;
  if (end <= digitsAt || end - digitsAt > MAX_VALUE_DIGITS) return undefined;
  let value = 0;
  for (let at = digitsAt; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return undefined;
    value = value * 10 + (code - 0x30);
  }
  // A zero stays a plain zero: -0 would not survive JSON.
  return isNegative && value !== 0 ? -value : value;
};
