import { createHash } from 'node:crypto';
import { parseAlertRules } from '../../functions/weather/model/alert-rule-list.ts';
import type { AlertRule } from '../../functions/weather/model/alert-rule.ts';
import type { SourceText } from '../../functions/weather/model/source-text.ts';
import { parseStationList } from '../../functions/weather/model/station-list.ts';
import type { Stations } from '../../functions/weather/model/station.ts';
import { readText } from '../input/read-text.ts';

/** Paths of the files that the weather pipeline looks things up in. */
export interface WeatherFilePaths {
  readonly stations: string;
  readonly countries: string;
  readonly states: string;
  /** @default - no rules: nobody is told anything */
  readonly rules?: string | undefined;
}

/** What they say, and hashes of what they say by the option that names them. */
export interface WeatherFiles {
  readonly stations: Stations;
  readonly rules: readonly AlertRule[];
  readonly hashes: Readonly<Record<string, string>>;
}

/** Reads and checks the files. Throws an `InputError` or a `FileContentError` for the first one that will not do. */
export const readWeatherFiles = async (paths: WeatherFilePaths): Promise<WeatherFiles> => {
  const lists = {
    stations: await sourceText(paths.stations),
    countries: await sourceText(paths.countries),
    states: await sourceText(paths.states),
  };
  const rules = paths.rules === undefined ? undefined : await sourceText(paths.rules);
  return {
    stations: parseStationList(lists),
    rules: rules === undefined ? [] : parseAlertRules(rules),
    hashes: {
      '--stations': hashOf(lists.stations),
      '--countries': hashOf(lists.countries),
      '--states': hashOf(lists.states),
      '--rules': rules === undefined ? 'none' : hashOf(rules),
    },
  };
};

const sourceText = async (path: string): Promise<SourceText> => ({ file: path, text: await readText(path) });

const HASH_DIGITS = 16;

const hashOf = ({ text }: SourceText): string =>
  `content ${createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)}`;
