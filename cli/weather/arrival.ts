import { DAY_MS } from '../../functions/weather/model/calendar-day.ts';
import { dayOfLine } from '../../functions/weather/model/good-line.ts';

const COMMA = 0x2c;
const DATE_AT = 12;
const DATE_END = 20;

/** A gap between dates that only many lines make believable: a year without a line, with room for a leap day. */
const MAX_GAP_MS = 366 * DAY_MS;
const MIN_SHARE = 0.01;
const MIN_LINES = 2;

/**
 * When raw lines that are read together have arrived, in milliseconds since 1970: at the end of the newest day they speak of, and never
 * before the lines before them. Undefined where none has a date and none had one before.
 *
 * A date more than a year after all others counts only where at least 2 lines, and one in a hundred, are of it or later: one wrong
 * date must not put all that follow into the past.
 *
 * @example
 * ```ts
 * new Date(lineArrivalMs(['USC00028815,20160101,TMAX,144,,,7,'], undefined)).toISOString(); // '2016-01-02T00:00:00.000Z'
 * lineArrivalMs(['no line'], 7); // 7
 * ```
 */
export const lineArrivalMs = (lines: readonly string[], beforeMs: number | undefined): number | undefined => {
  const linesOfDay = new Map<number, number>();
  let dated = 0;
  // Neighbours mostly are of one day.
  let lastMs = Number.NaN;
  let ofLast = 0;
  const add = (): void => {
    if (ofLast > 0) linesOfDay.set(lastMs, (linesOfDay.get(lastMs) ?? 0) + ofLast);
    dated += ofLast;
  };
  for (const line of lines) {
    if (line.charCodeAt(DATE_AT - 1) !== COMMA || line.charCodeAt(DATE_END) !== COMMA) continue;
    const dayMs = dayOfLine(line);
    if (Number.isNaN(dayMs)) continue;
    if (dayMs !== lastMs) {
      add();
      lastMs = dayMs;
      ofLast = 0;
    }
    ofLast += 1;
  }
  add();
  if (dated === 0) return beforeMs;
  const days = [...linesOfDay].sort(([one], [other]) => one - other);
  let newestMs = beforeMs === undefined ? medianOf(days, dated) : beforeMs - DAY_MS;
  let later = dated;
  for (const [dayMs, count] of days) {
    const isBelievable = later >= Math.max(MIN_LINES, dated * MIN_SHARE);
    if (dayMs > newestMs && (dayMs - newestMs <= MAX_GAP_MS || isBelievable)) newestMs = dayMs;
    later -= count;
  }
  return newestMs + DAY_MS;
};

const medianOf = (days: readonly (readonly [dayMs: number, lines: number])[], lines: number): number => {
  let before = 0;
  for (const [dayMs, count] of days) {
    before += count;
    if (before * 2 >= lines) return dayMs;
  }
  return -Infinity;
};
