import { arrivalBy, type Arrival } from '../../shared/source/arrival.ts';
import { DAY_MS } from './model/calendar-day.ts';
import { dayOfLine } from './model/good-line.ts';

const COMMA = 0x2c;
const DATE_AT = 12;
const DATE_END = 20;

/**
 * When raw lines that are read together have arrived, in milliseconds since 1970: at the end of the newest day they speak of.
 *
 * @example
 * ```ts
 * new Date(lineArrivalMs(['USC00028815,20160101,TMAX,144,,,7,'], undefined)).toISOString(); // '2016-01-02T00:00:00.000Z'
 * lineArrivalMs(['no line'], 7); // 7
 * ```
 */
export const lineArrivalMs: Arrival = arrivalBy({
  stepMs: DAY_MS,
  timeMsOf: (line) =>
    line.charCodeAt(DATE_AT - 1) === COMMA && line.charCodeAt(DATE_END) === COMMA ? dayOfLine(line) : Number.NaN,
});
