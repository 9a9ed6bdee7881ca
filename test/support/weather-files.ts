import type { AlertRule } from '../../functions/weather/model/alert-rule.ts';
import type { Stations } from '../../functions/weather/model/station.ts';
import { weather, ruleList, stationList } from '../../functions/weather/pipeline.ts';
import { openPipeline, type OpenPipeline } from '../../shared/pipeline/open-pipeline.ts';
import { loadReferences } from '../../shared/pipeline/reference.ts';
import { readText } from '../../shared/source/read-text.ts';

/** Paths of the files that the weather pipeline looks things up in. */
export interface WeatherFilePaths {
  readonly stations: string;
  readonly countries: string;
  readonly states: string;
  /** @default - no rules, and so no alerts */
  readonly rules?: string;
}

/** What they say. */
export interface WeatherFiles {
  readonly stations: Stations;
  readonly rules: ReadonlyMap<string, AlertRule>;
}

/** Reads the files as the command line does. */
export const readWeatherFiles = async (paths: WeatherFilePaths): Promise<WeatherFiles> => {
  const source = async (
    file: string | undefined,
  ): Promise<{ readonly file: string; readonly text: string } | undefined> =>
    file === undefined ? undefined : { file, text: await readText(file) };
  const { stations, countries, states, rules } = paths;
  return {
    stations: stationList.load({
      stations: await source(stations),
      countries: await source(countries),
      states: await source(states),
    }),
    rules: ruleList.load({ rules: await source(rules) }),
  };
};

/** The weather pipeline with reference data from files. */
export const openWeather = async (paths: WeatherFilePaths, graceDays: number): Promise<OpenPipeline> => {
  const { rows } = await loadReferences(weather.references, { ...paths });
  return openPipeline(weather, { values: { graceDays }, rows });
};
