import { Purpose, type SeededRandom } from './seeded-random.ts';

/** How the lines of one station and day are delayed: all of them, the last one only, or none. */
export interface Delay {
  readonly holds: 'nothing' | 'all' | 'last';
  /** 0 if nothing is held, otherwise 1 to {@link MAX_DELAY_DAYS}. */
  readonly days: number;
}

/** The maximum delay. */
export const MAX_DELAY_DAYS = 6;

const ONE_DAY_SHARE = 0.01;
const LATE_SHARE = 0.003;
const LATE_LINE_SHARE = 0.005;
// With a grace of one day, a line delayed by one day is on time, and one delayed by three days is late.
const MIN_LATE_DAYS = 3;

/** The delay of a station and day: one percent is delayed by a day and still on time, a little is too late. */
export const delayOf = (random: SeededRandom, station: number, day: number): Delay => {
  const draw = random.uniform(Purpose.Delay, station, day);
  if (draw < ONE_DAY_SHARE) return { holds: 'all', days: 1 };
  if (draw >= ONE_DAY_SHARE + LATE_SHARE + LATE_LINE_SHARE) return { holds: 'nothing', days: 0 };
  const lengths = MAX_DELAY_DAYS - MIN_LATE_DAYS + 1;
  const days = MIN_LATE_DAYS + Math.floor(random.uniform(Purpose.DelayLength, station, day) * lengths);
  return { holds: draw < ONE_DAY_SHARE + LATE_SHARE ? 'all' : 'last', days };
};
