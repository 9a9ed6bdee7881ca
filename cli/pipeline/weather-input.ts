import { resolve } from 'node:path';
import { LINE_FORMATS } from '../../functions/weather/formats/formats.ts';
import type { LineFormat } from '../../functions/weather/formats/line-format.ts';
import type { FeedFile } from '../feed/file-feed.ts';
import { checkFormat } from '../feed/format-check.ts';
import { checkInputs } from '../input/check-inputs.ts';
import { digestOfEnds } from '../input/digest-of-ends.ts';
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

/** Opens and checks every file that is named; throws for the first that will not do, before anything is written. */
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
