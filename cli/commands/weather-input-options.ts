import { Option, type Command } from 'commander';
import { LINE_FORMATS } from '../../functions/weather/formats/formats.ts';
import { CommandError } from '../command-error.ts';
import type { WeatherInputOptions } from '../pipeline/weather-input.ts';

/** Options that name files of the weather pipeline, as the user gave them. */
export interface GivenWeatherInput {
  readonly input?: readonly string[];
  readonly format: string;
  readonly stations?: string;
  readonly countries?: string;
  readonly states?: string;
  readonly rules?: string;
}

/** Adds the options of {@link GivenWeatherInput} to a command. */
export const addWeatherInput = (command: Command): Command => {
  const formats = LINE_FORMATS.map(({ name }) => name);
  return command
    .option('--input <file...>', 'NOAA weather files, plain or gzip, read in this order')
    .addOption(
      new Option('--format <name>', 'what the lines of the input are').choices(formats).default(LINE_FORMATS[0].name),
    )
    .option('--stations <file>', "NOAA's ghcnd-stations.txt, plain or gzip")
    .option('--countries <file>', "NOAA's ghcnd-countries.txt")
    .option('--states <file>', "NOAA's ghcnd-states.txt")
    .option('--rules <file>', 'alert rules as a JSON array or JSON lines (default: nobody is told anything)');
};

/**
 * The options with none missing. Throws a `CommandError` that names all that are.
 *
 * Commander could demand them too, but would do so one by one, and before it tells of an option it does not know.
 */
export const completeWeatherInput = (given: GivenWeatherInput, seeAlso: string): WeatherInputOptions => {
  const { input, format, stations, countries, states, rules } = given;
  if (input === undefined || stations === undefined || countries === undefined || states === undefined) {
    const missing = Object.entries({ input, stations, countries, states }).filter(([, value]) => value === undefined);
    throw new CommandError(`missing ${missing.map(([name]) => `--${name}`).join(', ')}; ${seeAlso}`);
  }
  return { input, format, stations, countries, states, ...(rules !== undefined && { rules }) };
};
