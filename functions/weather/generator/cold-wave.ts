import { DAY_MS } from '../model/calendar-day.ts';

/** Days far colder than normal in one part of the country, so that frost alerts begin and later end. */
export interface ColdWave {
  readonly name: string;
  /** The locations it hits, such as `US-TX`. */
  readonly locations: readonly string[];
  /** In days after the generator's first day; beyond its last day if the generator ends too early for it. */
  readonly firstDay: number;
  readonly days: number;
}

const MAX_FALL_C = 22;
/** Each day's share of the maximum fall. */
const SHAPE: readonly number[] = [0.35, 0.75, 1, 1, 0.95, 0.9, 0.7, 0.4, 0.15];

const MONTH = 1;
const DAY_OF_MONTH = 10;
// An alert is most visible after some ordinary days.
const QUIET_DAYS = 21;

/** The wave of the first February that is preceded by some quiet weeks of the generator's days. */
export const coldWaveAfter = (startMs: number): ColdWave => {
  const year = new Date(startMs).getUTCFullYear();
  const starts = [year, year + 1].map((each) => (Date.UTC(each, MONTH, DAY_OF_MONTH) - startMs) / DAY_MS);
  return {
    name: 'Southern Plains freeze',
    locations: ['US-KS', 'US-LA', 'US-OK', 'US-TX'],
    firstDay: starts.find((day) => day >= QUIET_DAYS) ?? QUIET_DAYS,
    days: SHAPE.length,
  };
};

/** By how many degrees Celsius a day of a location is colder than it would be; 0 outside of the wave. */
export const coldWaveFallC = (wave: ColdWave, location: string, day: number): number =>
  wave.locations.includes(location) ? MAX_FALL_C * (SHAPE[day - wave.firstDay] ?? 0) : 0;
