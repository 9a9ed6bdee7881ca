import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The lines of a result file, such as `streams/weather-late.jsonl`. */
export const resultLines = (out: string, file: string): readonly string[] => {
  const text = readFileSync(join(out, file), 'utf8');
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
};

/** The same, parsed. */
export const resultRows = (out: string, file: string): readonly unknown[] =>
  resultLines(out, file).map((line) => {
    const row: unknown = JSON.parse(line);
    return row;
  });

/** The same, parsed, of a file that is one JSON value. */
export const resultJson = (out: string, file: string): unknown => {
  const value: unknown = JSON.parse(readFileSync(join(out, file), 'utf8'));
  return value;
};
