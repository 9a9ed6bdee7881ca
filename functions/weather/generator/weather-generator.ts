import { dayStartMsAt } from '../model/calendar-day.ts';
import type { AlertRule } from '../model/alert-rule.ts';
import type { Station } from '../model/station.ts';
import { seededRandom } from './seeded-random.ts';
import { type ColdWave, coldWaveAfter } from './cold-wave.ts';
import { delayOf, MAX_DELAY_DAYS } from './delay.ts';
import { exampleRules } from './example-rules.ts';
import { type GeneratedStation, generatedStations } from './generated-station.ts';
import { type World, stationDayLines } from './station-day.ts';

/** Options of {@link weatherGenerator}. */
export interface WeatherGeneratorOptions {
  /** Whole number; the same seed gives the same lines on every machine. */
  readonly seed: number;
  /**
   * Stations of the list, 1 to 1,000.
   *
   * @default 300
   */
  readonly stations?: number;
  /**
   * First day as `YYYYMMDD`, a day of the years 1900 to 2100.
   *
   * @default '20230101'
   */
  readonly startDate?: string;
  /**
   * Days it has, 1 to 36,525.
   *
   * @default 1095
   */
  readonly days?: number;
}

/** Generated weather as raw lines of GHCN, with the matching station list and rules. */
export interface WeatherGenerator {
  readonly days: number;
  /** The station list; two stations that report are missing from it. */
  readonly stations: readonly Station[];
  /** Rules that this weather triggers. */
  readonly rules: readonly AlertRule[];
  readonly coldWave: ColdWave;
  /**
   * The lines that arrive on a day, 0 to `days - 1`: those of the day, by station, with delayed lines of the six days before. The same
   * day always gives the same lines.
   */
  linesOfDay(day: number): readonly string[];
}

const EARLIEST_MS = Date.UTC(1900, 0, 1);
const LATEST_MS = Date.UTC(2100, 11, 31);
const UNLISTED_STATIONS = 2;

/**
 * Creates a generator of raw weather lines: seasons, fronts and nights for stations in 21 states and provinces, one
 * {@link ColdWave}, and the faults of real files: gaps, flags, repeated elements, broken lines, unlisted stations, late lines.
 *
 * Throws a `RangeError` for an option out of its range. The IDs have the form of NOAA's and may belong to real stations elsewhere.
 */
export const weatherGenerator = ({
  seed,
  stations: count = 300,
  startDate = '20230101',
  days = 1_095,
}: WeatherGeneratorOptions): WeatherGenerator => {
  requireWhole('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  requireWhole('stations', count, 1, 1_000);
  requireWhole('days', days, 1, 36_525);
  const startMs = startDate.length === 8 ? dayStartMsAt(startDate) : undefined;
  if (startMs === undefined || startMs < EARLIEST_MS || startMs > LATEST_MS) {
    throw new RangeError(`startDate must be a day from 19000101 to 21001231 as YYYYMMDD, got '${startDate}'`);
  }
  const random = seededRandom(seed);
  const world: World = { random, startMs, coldWave: coldWaveAfter(startMs) };
  const listed = generatedStations(random, count);
  const reporting = [...listed, ...listed.slice(0, UNLISTED_STATIONS).map(unlisted)];
  const stations = listed.map(({ row }) => row);
  return {
    days,
    stations,
    rules: exampleRules(stations),
    coldWave: world.coldWave,
    linesOfDay: (day) => {
      requireWhole('day', day, 0, days - 1);
      return reporting.flatMap((station) => arrivals(world, station, day));
    },
  };
};

const requireWhole = (name: string, value: number, min: number, max: number): void => {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} must be a whole number from ${min} to ${max}, got ${value}`);
};

/** The same place under an ID that is in no list. */
const unlisted = (station: GeneratedStation, number: number): GeneratedStation => ({
  ...station,
  index: -1 - number,
  row: { ...station.row, id: `${station.row.id.slice(0, 5)}99990${number}` },
});

/** The lines that arrive from one station on a day, oldest first. */
const arrivals = (world: World, station: GeneratedStation, day: number): readonly string[] => {
  const lines: string[] = [];
  for (let days = Math.min(MAX_DELAY_DAYS, day); days >= 0; days -= 1) {
    const { holds, days: delay } = delayOf(world.random, station.index, day - days);
    // The lines of an earlier day are only generated if some of them were delayed by exactly that long.
    if (days > 0 && delay !== days) continue;
    const ofDay = stationDayLines(world, station, day - days);
    if (holds === 'nothing' || (holds === 'all' && days === delay)) lines.push(...ofDay);
    else if (holds === 'last') lines.push(...(days === delay ? ofDay.slice(-1) : ofDay.slice(0, -1)));
  }
  return lines;
};
