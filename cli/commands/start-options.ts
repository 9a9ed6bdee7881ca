import { Option, type Command } from 'commander';
import type { WeatherInputOptions } from '../pipeline/weather-input.ts';
import { linesPerSecond } from './lines-per-second.ts';
import { addWeatherInput, completeWeatherInput, type GivenWeatherInput } from './weather-input-options.ts';
import { wholeNumber } from './whole-number.ts';

/** What `millrace start` is told. */
export interface StartOptions extends GivenWeatherInput {
  readonly data: string;
  readonly out: string;
  readonly shards: number;
  readonly graceDays: number;
  readonly days: number;
  readonly seed: number;
  /** Records per second; Infinity is as fast as it goes. */
  readonly speed: number;
  readonly fresh?: boolean;
}

// Three years of 300 stations take a good minute at this pace: long enough to watch, short enough to see the end.
const WATCHABLE_SPEED = 25_000;

/** Adds the options of {@link StartOptions} to a command. */
export const addStartOptions = (command: Command): Command =>
  addWeatherInput(command)
    .option('--data <folder>', 'keep log and state here; the next start goes on', '.millrace/start')
    .option('--out <folder>', 'where the results go', '.millrace/results')
    .option('--shards <n>', 'shards of each stream, 1 to 10000', wholeNumber(1, 10_000), 4)
    .option('--grace-days <n>', 'days a day stays open after its end, 0 to 366', wholeNumber(0, 366), 1)
    .addOption(madeUp('--days <n>', 'days of made-up weather, 1 to 36525', wholeNumber(1, 36_525), 1095))
    .addOption(madeUp('--seed <n>', 'other weather for each seed, 0 to 4294967295', wholeNumber(0, 4_294_967_295), 1))
    .option('--speed <lines/s>', "a whole number, or 'max' for as fast as it goes", linesPerSecond, WATCHABLE_SPEED)
    .option('--fresh', 'begin anew, also where an unfinished run could go on');

const madeUp = (flags: string, description: string, parse: (text: string) => number, value: number): Option =>
  new Option(flags, description).argParser(parse).default(value).conflicts('input');

/** The files that are to feed it; undefined where the weather is to be made up. Throws where some files are named and others not. */
export const filesOf = (options: StartOptions): WeatherInputOptions | undefined => {
  const { input, stations, countries, states, rules } = options;
  const isMadeUp = [input, stations, countries, states, rules].every((given) => given === undefined);
  return isMadeUp
    ? undefined
    : completeWeatherInput(options, 'files need all of these; without any, weather is made up');
};
