import type { Chance } from './chance.ts';
import { Purpose } from './purpose.ts';

/** How the lines of one station and day are held up on their way: all of them, the last one only, or none. */
export interface Delay {
  readonly holds: 'nothing' | 'all' | 'last';
  /** 0 where nothing is held, else 1 to {@link MAX_DELAY_DAYS}. */
  readonly days: number;
}

/** The longest delay. */
export const MAX_DELAY_DAYS = 6;

const ONE_DAY_SHARE = 0.01;
const LATE_SHARE = 0.003;
const LATE_LINE_SHARE = 0.005;
// With a grace of one day, a line that comes one day late is in time, and one that comes three days late is not.
const SHORTEST_LATE_DAYS = 3;

/** What happens to the lines of a station and day; one percent is a day late and still in time, a little is late for good. */
export const delayOf = (chance: Chance, station: number, day: number): Delay => {
  const draw = chance.uniform(Purpose.Delay, station, day);
  if (draw < ONE_DAY_SHARE) return { holds: 'all', days: 1 };
  if (draw >= ONE_DAY_SHARE + LATE_SHARE + LATE_LINE_SHARE) return { holds: 'nothing', days: 0 };
  const lengths = MAX_DELAY_DAYS - SHORTEST_LATE_DAYS + 1;
  const days = SHORTEST_LATE_DAYS + Math.floor(chance.uniform(Purpose.DelayLength, station, day) * lengths);
  return { holds: draw < ONE_DAY_SHARE + LATE_SHARE ? 'all' : 'last', days };
};
