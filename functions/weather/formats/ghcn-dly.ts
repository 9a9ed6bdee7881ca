import type { InputFormat } from '../../../shared/source/input-format.ts';
import { dayOfDlyLine, isDlyLine, stationMonthOf } from './dly-line.ts';

const DAYS = 31;
// NOAA knows about 250 elements, so a real month is never cut; a file that is one endless month must not fill the memory.
const MAX_MONTH_LINES = 512;

/**
 * NOAA's monthly files: fixed columns, one line with 31 days of one element.
 *
 * Consecutive lines of one station and month are transposed: all elements of the first day in the order of the file, then those of
 * the second, and so on. A day without a value (-9999) gives a line like any other, so that the books count it as missing. A line of
 * another form passes unchanged, ahead of the month being read, and becomes one invalid record.
 */
export const ghcnDly: InputFormat = {
  name: 'ghcn-dly',
  help: 'a station, month and element a line, in fixed columns',
  looksLike: isDlyLine,
  open: () => {
    let month: string[] = [];
    let stationMonth = '';

    const flushInto = (raw: string[]): void => {
      for (let day = 1; day <= DAYS; day += 1) {
        for (const line of month) {
          const rawLine = dayOfDlyLine(line, day);
          if (rawLine !== undefined) raw.push(rawLine);
        }
      }
      month = [];
    };

    return {
      read: (lines) => {
        const raw: string[] = [];
        for (const line of lines) {
          if (!isDlyLine(line)) {
            raw.push(line);
            continue;
          }
          if (month.length === MAX_MONTH_LINES || !line.startsWith(stationMonth)) flushInto(raw);
          if (month.length === 0) stationMonth = stationMonthOf(line);
          month.push(line);
        }
        return raw;
      },
      end: () => {
        const raw: string[] = [];
        flushInto(raw);
        return raw;
      },
    };
  },
};
