import { ghcnDly } from './ghcn-dly.ts';
import type { LineFormat } from './line-format.ts';
import { noaaJson } from './noaa-json.ts';

/** NOAA's by-year files, and everything else that already is one line per station, day and element. */
const ghcnCsv: LineFormat = {
  name: 'ghcn-csv',
  open: () => ({ read: (lines) => lines, end: () => [] }),
};

/** The input formats of the weather pipeline; the first is the default. */
export const LINE_FORMATS: readonly [LineFormat, ...LineFormat[]] = [ghcnCsv, ghcnDly, noaaJson];
