/** Milliseconds of one UTC day. */
export const DAY_MS = 86_400_000;

const DIGIT_0 = 48;
const DATE_CHARS = 8;
const DAYS_IN_MONTH: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Days of a month of the Gregorian calendar, 28 to 31; 0 where the month is not 1 to 12.
 *
 * @example
 * ```ts
 * daysInMonth(1900, 2); // 28
 * daysInMonth(2000, 2); // 29
 * daysInMonth(2016, 13); // 0
 * ```
 */
export const daysInMonth = (year: number, month: number): number => {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeapYear ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
};

/**
 * Start of a UTC day in milliseconds since 1970 (negative before it), from the eight digits `YYYYMMDD` at a place in a text.
 *
 * Years are 0001 to 9999 of the Gregorian calendar, carried back before its introduction. `undefined` where the eight
 * characters are not digits or name no real day. The text around them is not checked.
 *
 * @example
 * ```ts
 * dayStartMsAt('20160101'); // 1451606400000
 * dayStartMsAt('USC00028815,18720229,TMAX', 12); // -3087504000000
 * dayStartMsAt('20150229'); // undefined
 * dayStartMsAt('2016-1-1'); // undefined
 * ```
 */
export const dayStartMsAt = (text: string, at = 0): number | undefined => {
  if (text.length < at + DATE_CHARS) return undefined;
  let digits = 0;
  for (let place = at; place < at + DATE_CHARS; place += 1) {
    const digit = text.charCodeAt(place) - DIGIT_0;
    if (digit < 0 || digit > 9) return undefined;
    digits = digits * 10 + digit;
  }
  const year = Math.floor(digits / 10_000);
  const month = Math.floor(digits / 100) % 100;
  const day = digits % 100;
  if (year === 0 || day === 0 || day > daysInMonth(year, month)) return undefined;
  // `Date.UTC` reads the years 0 to 99 as 1900 to 1999; the calendar repeats itself every 400 years.
  return year < 400 ? Date.UTC(year + 400, month - 1, day) - CALENDAR_CYCLE_MS : Date.UTC(year, month - 1, day);
};

const CALENDAR_CYCLE_MS = 146_097 * DAY_MS;

/**
 * The day as `YYYYMMDD`, from any millisecond of it; the year must be 0 to 9999.
 *
 * @example
 * ```ts
 * compactDate(1451606400000); // '20160101'
 * compactDate(-1); // '19691231'
 * ```
 */
export const compactDate = (timeMs: number): string => {
  const iso = new Date(timeMs).toISOString();
  return iso.slice(0, 4) + iso.slice(5, 7) + iso.slice(8, 10);
};

/**
 * `YYYYMMDD` with dashes, as observations show it; the text is trusted to be a date.
 *
 * @example
 * ```ts
 * isoDate('20160101'); // '2016-01-01'
 * ```
 */
export const isoDate = (compact: string): string =>
  `${compact.slice(0, 4)}-${compact.slice(4, 6)}-${compact.slice(6, 8)}`;
