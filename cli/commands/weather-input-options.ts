import { Option, type Command } from 'commander';
import { LINE_FORMATS } from '../../functions/weather/formats/formats.ts';
import { CommandError } from '../errors/command-error.ts';
import type { StationListPaths } from '../weather/weather-files.ts';
import type { WeatherInputOptions } from '../weather/weather-input.ts';

/** Options that name the station list, as the user gave them. */
export interface GivenStationLists {
  readonly stations?: string;
  readonly countries?: string;
  readonly states?: string;
}

/** Options that name files of the weather pipeline, as the user gave them. */
export interface GivenWeatherInput extends GivenStationLists {
  readonly input?: readonly string[];
  readonly format: string;
  readonly rules?: string;
}

/** Adds the options of {@link GivenWeatherInput} to a command. */
export const addWeatherInput = (command: Command): Command =>
  addWeatherLines(command).option(
    '--rules <file>',
    'alert rules as a JSON array or JSON lines (default: none, and no alerts)',
  );

/** Adds those of them that say what the lines are and where they belong. */
export const addWeatherLines = (command: Command): Command => {
  const formats = LINE_FORMATS.map(({ name }) => name);
  return addStationLists(
    command
      .option('--input <file...>', 'NOAA weather files, plain or gzip, read in this order')
      .addOption(
        new Option('--format <name>', 'what the lines of the input are').choices(formats).default(LINE_FORMATS[0].name),
      ),
  );
};

/** Adds those of them that name the station list. */
export const addStationLists = (command: Command): Command =>
  command
    .option('--stations <file>', "NOAA's ghcnd-stations.txt, plain or gzip")
    .option('--countries <file>', "NOAA's ghcnd-countries.txt")
    .option('--states <file>', "NOAA's ghcnd-states.txt");

/**
 * The options with none missing. Throws a `CommandError` that names all that are.
 *
 * Commander could demand them too, but would do so one by one, and before it reports an unknown option.
 */
export const completeWeatherInput = (given: GivenWeatherInput, seeAlso: string): WeatherInputOptions => {
  const { input, format, stations, countries, states, rules } = given;
  if (input === undefined || stations === undefined || countries === undefined || states === undefined) {
    throw missingOf({ input, stations, countries, states }, seeAlso);
  }
  return { input, format, stations, countries, states, ...(rules !== undefined && { rules }) };
};

/** The station lists with none missing. Throws a `CommandError` that names all that are. */
export const completeStationLists = (
  { stations, countries, states }: GivenStationLists,
  seeAlso: string,
): StationListPaths => {
  if (stations === undefined || countries === undefined || states === undefined) {
    throw missingOf({ stations, countries, states }, seeAlso);
  }
  return { stations, countries, states };
};

const missingOf = (given: Readonly<Record<string, unknown>>, seeAlso: string): CommandError => {
  const missing = Object.keys(given).filter((name) => given[name] === undefined);
  return new CommandError(`missing ${missing.map((name) => `--${name}`).join(', ')}; ${seeAlso}`);
};
