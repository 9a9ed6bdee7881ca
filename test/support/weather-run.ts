import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';

/** The text of a plain or gzip file. */
export const textOfFile = (path: string): string => {
  const bytes = readFileSync(path);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
};

/** A finished `millrace run weather`; the folder is removed when the callback is done. */
export interface WeatherRun {
  readonly status: number | null;
  readonly stderr: string;
  /** Calls back for each line of a result file, such as `streams/weather-late.jsonl`. */
  eachLine(file: string, take: (line: string) => void): Promise<void>;
  /** Parsed `books.json`. */
  books(): unknown;
}

/** Runs the real command on files and hands its results to `look`. */
export const withWeatherRun = async (
  args: readonly string[],
  look: (run: WeatherRun) => Promise<void> | void,
): Promise<void> => {
  const out = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['cli/millrace.js', 'run', 'weather', ...args, '--out', out],
      {
        encoding: 'utf8',
      },
    );
    await look({
      status,
      stderr,
      eachLine: async (file, take) => {
        for await (const line of createInterface({ input: createReadStream(join(out, file)) })) take(line);
      },
      books: () => {
        const parsed: unknown = JSON.parse(readFileSync(join(out, 'books.json'), 'utf8'));
        return parsed;
      },
    });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};
