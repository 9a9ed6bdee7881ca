import { DAY_MS } from '../model/calendar-day.ts';

/** Days far below normal in one part of the country, so that frost alerts fire and later end. */
export interface ColdWave {
  readonly name: string;
  /** The locations it hits, such as `US-TX`. */
  readonly locations: readonly string[];
  /** Days after the generator's first day; the days after its last day if it ends too early to see it. */
  readonly firstDay: number;
  readonly days: number;
}

const DEEPEST_C = 22;
/** How much of the deepest fall each day has. */
const SHAPE: readonly number[] = [0.35, 0.75, 1, 1, 0.95, 0.9, 0.7, 0.4, 0.15];

const MONTH = 1;
const DAY_OF_MONTH = 10;
// An alert shows best when some ordinary days went before.
const QUIET_DAYS = 21;

/** The wave of the first February that the generator's days leave some quiet weeks before. */
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
  wave.locations.includes(location) ? DEEPEST_C * (SHAPE[day - wave.firstDay] ?? 0) : 0;
