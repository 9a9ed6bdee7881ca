import { isDlyLine } from '../../functions/weather/formats/dly-line.ts';
import { parseGhcnLine } from '../../functions/weather/model/ghcn-line.ts';
import { CommandError } from '../command-error.ts';
import { readLines } from '../input/read-lines.ts';

const SAMPLE_LINES = 1000;
const SAMPLE_CHARS = 65_536;
const FEWEST_LINES = 20;
// Text has hardly any of these characters, packed data about one in three.
const BINARY_SHARE = 0.1;
const NOT_TEXT = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffd]/g;

const LOOKS: Readonly<Record<string, (line: string) => boolean>> = {
  'ghcn-csv': (line) => {
    const parsed = parseGhcnLine(line);
    return parsed.kind !== 'invalid' || parsed.reason.startsWith('quality-flag:');
  },
  'ghcn-dly': isDlyLine,
  'noaa-json': (line) => /^\s*\{.*\}\s*$/.test(line),
};

/**
 * Looks at the first lines of a file. `binary` means that they are no text; each of them will be an invalid record.
 *
 * Throws a `CommandError` where they are of another format than the one named, or of no known one: every line would be
 * invalid. A few bad lines pass: they are what they are, and the books say so.
 */
export const checkFormat = async (path: string, format: string): Promise<'text' | 'binary'> => {
  const sample = await firstLines(path);
  const filled = sample.filter(isFilled);
  const countOf = (name: string): number => filled.filter((line) => LOOKS[name]?.(line) === true).length;
  if (filled.length === 0 || countOf(format) > 0) return 'text';
  const actual = Object.keys(LOOKS).find((name) => countOf(name) * 2 > filled.length);
  if (actual === undefined && isBinary(filled.join('').slice(0, SAMPLE_CHARS))) return 'binary';
  // A short file of nothing but dirt may be all there is on a bad day; a long one is another file.
  if (actual === undefined && filled.length < FEWEST_LINES) return 'text';
  const line = String(sample.findIndex(isFilled) + 1);
  throw new CommandError(
    `cannot read ${JSON.stringify(path)}, line ${line}: ${
      actual === undefined
        ? `none of the first ${String(filled.length)} lines is ${format}; check the file, or give another --format`
        : `this is not ${format}, it looks like ${actual}; give --format ${actual}`
    }`,
  );
};

const isFilled = (line: string): boolean => line.trim() !== '';

const isBinary = (text: string): boolean => (text.match(NOT_TEXT)?.length ?? 0) > text.length * BINARY_SHARE;

const firstLines = async (path: string): Promise<readonly string[]> => {
  for await (const item of readLines(path)) return item.kind === 'lines' ? item.lines.slice(0, SAMPLE_LINES) : [];
  return [];
};
