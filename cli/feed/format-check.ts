import { isDlyLine } from '../../functions/weather/formats/dly-line.ts';
import { parseGhcnLine } from '../../functions/weather/model/ghcn-line.ts';
import { CommandError } from '../command-error.ts';
import { readLines } from '../input/read-lines.ts';

const SAMPLE_LINES = 1000;

const LOOKS: Readonly<Record<string, (line: string) => boolean>> = {
  'ghcn-csv': (line) => {
    const parsed = parseGhcnLine(line);
    return parsed.kind !== 'invalid' || parsed.reason.startsWith('quality-flag:');
  },
  'ghcn-dly': isDlyLine,
  'noaa-json': (line) => /^\s*\{.*\}\s*$/.test(line),
};

/**
 * Refuses a file whose first lines are of another format than the one named, which would make every line invalid.
 *
 * A file that is of no known format passes: its lines are what they are, and the books say so. Throws a `CommandError`.
 */
export const checkFormat = async (path: string, format: string): Promise<void> => {
  const sample = await firstLines(path);
  const first = sample.findIndex(isFilled);
  const filled = sample.filter(isFilled);
  const countOf = (name: string): number => filled.filter((line) => LOOKS[name]?.(line) === true).length;
  if (first < 0 || countOf(format) > 0) return;
  const actual = Object.keys(LOOKS).find((name) => countOf(name) * 2 > filled.length);
  if (actual === undefined) return;
  throw new CommandError(
    `cannot read ${JSON.stringify(path)}, line ${String(first + 1)}: this is not ${format}, it looks like ${actual}; give --format ${actual}`,
  );
};

const isFilled = (line: string): boolean => line.trim() !== '';

const firstLines = async (path: string): Promise<readonly string[]> => {
  for await (const item of readLines(path)) return item.kind === 'lines' ? item.lines.slice(0, SAMPLE_LINES) : [];
  return [];
};
