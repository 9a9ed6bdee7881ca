import { ghcnCsv } from './ghcn-csv.ts';
import { ghcnDly } from './ghcn-dly.ts';
import type { LineFormat } from './line-format.ts';
import { noaaJson } from './noaa-json.ts';

/** The input formats of the weather pipeline; the first is the one to use where none is named. */
export const LINE_FORMATS: readonly [LineFormat, ...LineFormat[]] = [ghcnCsv, ghcnDly, noaaJson];
