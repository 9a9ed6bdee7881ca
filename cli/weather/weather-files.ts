import { createHash } from 'node:crypto';
import { parseAlertRules } from '../../functions/weather/model/alert-rule-list.ts';
import type { AlertRule } from '../../functions/weather/model/alert-rule.ts';
import { FileContentError, type SourceText } from '../../functions/weather/model/source-text.ts';
import { parseStationList } from '../../functions/weather/model/station-list.ts';
import type { Stations } from '../../functions/weather/model/station.ts';
import { readText } from '../input/read-text.ts';

/** Paths of the three files that make up the station list. */
export interface StationListPaths {
  readonly stations: string;
  readonly countries: string;
  readonly states: string;
}

/** Paths of the files that the weather pipeline looks things up in. */
export interface WeatherFilePaths extends StationListPaths {
  /** @default - no rules, and so no alerts */
  readonly rules?: string | undefined;
}

/** What they say, and hashes of what they say by the option that names them. */
export interface WeatherFiles {
  readonly stations: Stations;
  readonly rules: readonly AlertRule[];
  readonly hashes: Readonly<Record<string, string>>;
}

/** Reads and checks the files. Throws an `InputError` or a `FileContentError` for the first unusable one. */
export const readWeatherFiles = async (paths: WeatherFilePaths): Promise<WeatherFiles> => {
  const lists = await readLists(paths);
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

/** Reads and checks the station list alone. Throws as {@link readWeatherFiles} does. */
export const readStations = async (paths: StationListPaths): Promise<Stations> =>
  parseStationList(await readLists(paths));

const readLists = async (paths: StationListPaths): Promise<Readonly<Record<keyof StationListPaths, SourceText>>> => {
  const lists = {
    stations: await sourceText(paths.stations),
    countries: await sourceText(paths.countries),
    states: await sourceText(paths.states),
  };
  rejectDuplicateFiles(lists);
  return lists;
};

/** Codes of countries and states overlap, so one list given as the other would pass and give wrong names. */
const rejectDuplicateFiles = (lists: Readonly<Record<string, SourceText>>): void => {
  const seen = new Map<string, string>();
  for (const [option, { file, text }] of Object.entries(lists)) {
    const twin = seen.get(text);
    if (twin !== undefined) {
      throw new FileContentError(
        file,
        undefined,
        `--${option} is the same file as --${twin}; give each option its own list`,
      );
    }
    seen.set(text, option);
  }
};

const sourceText = async (path: string): Promise<SourceText> => ({ file: path, text: await readText(path) });

const HASH_DIGITS = 16;

const hashOf = ({ text }: SourceText): string =>
  `content ${createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)}`;
