import { join } from 'node:path';
import { weatherGenerator } from '../../../functions/weather/generator/weather-generator.ts';
import { unmatchableRule } from '../../../functions/weather/model/rule-places.ts';
import type { Station } from '../../../functions/weather/model/station.ts';
import type { TempFiles } from '../../source/temp-files.ts';

/** Input files of a run, made for a test: real in form, dirt included. */
export interface MadeWeather {
  readonly lines: readonly string[];
  readonly input: string;
  /** The options that name the list files and the rules. */
  readonly lists: readonly string[];
}

/** Writes the lists, the rules and the raw lines of some days of generated weather. */
export const madeWeather = (
  files: TempFiles,
  options: { readonly stations: number; readonly days: number },
): MadeWeather => {
  const generator = weatherGenerator({ seed: 7, ...options });
  const { stations } = generator;
  const lines = Array.from({ length: generator.days }, (_, day) => generator.linesOfDay(day)).flat();
  const byId = new Map(stations.map((one) => [one.id, one]));
  const rules = generator.rules.filter((rule) => unmatchableRule([rule], byId) === undefined);
  const named = (codes: ReadonlyMap<string, string>): string =>
    [...codes].map(([code, name]) => `${code} ${name}\n`).join('');
  return {
    lines,
    input: files.write(lines.map((line) => `${line}\n`).join(''), 'weather.csv'),
    lists: [
      '--stations',
      files.write(stations.map((station) => `${stationLine(station)}\n`).join(''), 'stations.txt'),
      '--countries',
      files.write(named(new Map(stations.map((one) => [one.country_code, one.country ?? '']))), 'countries.txt'),
      '--states',
      files.write(named(new Map(stations.map((one) => [one.state_code ?? '', one.state ?? '']))), 'states.txt'),
      '--rules',
      files.write(JSON.stringify([...rules, COLD_RULE]), 'rules.json'),
    ],
  };
};

/** The path of a folder that does not exist yet. */
export const newFolder = (files: TempFiles, name: string): string => join(files.folder, name);

const COLD_RULE = { id: 'cold', email: 'cold@example.org', element: 'TMIN', op: '<=', threshold: 0, mode: 'every' };

/** NOAA's columns: ID 1-11, latitude 13-20, longitude 22-30, elevation 32-37, state 39-40, name 42-71. */
const stationLine = ({ id, location, elevation, state_code = '', name }: Station): string =>
  [
    id,
    location.lat.toFixed(4).padStart(8),
    location.lon.toFixed(4).padStart(9),
    (elevation ?? -999.9).toFixed(1).padStart(6),
    state_code.padEnd(2),
    name.padEnd(30),
  ].join(' ');
