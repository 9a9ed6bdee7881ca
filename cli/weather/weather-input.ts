import { resolve } from 'node:path';
import { isDlyLine } from '../../functions/weather/formats/dly-line.ts';
import { LINE_FORMATS } from '../../functions/weather/formats/formats.ts';
import type { LineFormat } from '../../functions/weather/formats/line-format.ts';
import { parseGhcnLine } from '../../functions/weather/model/ghcn-line.ts';
import { CommandError } from '../errors/command-error.ts';
import { digestOfEnds } from '../input/checksum.ts';
import { checkInputs } from '../input/open-input.ts';
import { readLines } from '../input/read-lines.ts';
import type { FeedFile } from '../run/file-feed.ts';
import { readWeatherFiles, type WeatherFiles } from './weather-files.ts';

/** Options that name files of the weather pipeline. */
export interface WeatherInputOptions {
  readonly input: readonly string[];
  readonly format: string;
  readonly stations: string;
  readonly countries: string;
  readonly states: string;
  readonly rules?: string;
}

/** All files of a run, looked at. */
export interface WeatherInput {
  readonly files: readonly FeedFile[];
  readonly format: LineFormat;
  readonly lookups: WeatherFiles;
  /** What of this decides the output, by the name of its option. */
  readonly fingerprint: Readonly<Record<string, string>>;
}

/** Opens and checks every file that is named; throws for the first unusable one, before anything is written. */
export const checkWeatherInput = async (options: WeatherInputOptions): Promise<WeatherInput> => {
  const format = LINE_FORMATS.find(({ name }) => name === options.format) ?? LINE_FORMATS[0];
  const lookups = await readWeatherFiles(options);
  const files: FeedFile[] = [];
  const identities: string[] = [];
  for (const checked of await checkInputs(options.input)) {
    const { path, sizeBytes } = checked;
    files.push({ ...checked, content: await checkFormat(path, format.name) });
    identities.push(`${resolve(path)} (${String(sizeBytes)} bytes, content ${await digestOfEnds(path, sizeBytes)})`);
  }
  return {
    files,
    format,
    lookups,
    fingerprint: {
      '--input': identities.join(', '),
      '--format': format.name,
      ...lookups.hashes,
    },
  };
};

const SAMPLE_LINES = 1000;
const SAMPLE_CHARS = 65_536;
const MIN_SAMPLE_LINES = 20;
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
const checkFormat = async (path: string, format: string): Promise<'text' | 'binary'> => {
  const sample = await firstLines(path);
  const filled = sample.filter(isFilled);
  const countOf = (name: string): number => filled.filter((line) => LOOKS[name]?.(line) === true).length;
  if (filled.length === 0 || countOf(format) > 0) return 'text';
  const actual = Object.keys(LOOKS).find((name) => countOf(name) * 2 > filled.length);
  if (actual === undefined && isBinary(filled.join('').slice(0, SAMPLE_CHARS))) return 'binary';
  // A short file may hold nothing but dirt on a bad day; a long one is another file.
  if (actual === undefined && filled.length < MIN_SAMPLE_LINES) return 'text';
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
