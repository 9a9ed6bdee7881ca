import type { InputFormat } from '../../../shared/source/input-format.ts';
import { parseGhcnLine } from '../model/ghcn-line.ts';
import { ghcnDly } from './ghcn-dly.ts';
import { noaaJson } from './noaa-json.ts';

/** NOAA's by-year files, and everything else that already is one line per station, day and element. */
const ghcnCsv: InputFormat = {
  name: 'ghcn-csv',
  help: 'a station, day and element a line, with commas',
  looksLike: (line) => {
    const parsed = parseGhcnLine(line);
    return parsed.kind !== 'invalid' || parsed.reason.startsWith('quality-flag:');
  },
};

/** The input formats of the weather pipeline; the first counts where the lines do not say. */
export const LINE_FORMATS: readonly [InputFormat, ...InputFormat[]] = [ghcnCsv, ghcnDly, noaaJson];
