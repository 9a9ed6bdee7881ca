import { aggregate } from '../../shared/processor/aggregate.ts';
import { observations, type Observation } from './streams.ts';
import { daily, type Extreme } from './tables.ts';

/** Keeps the lowest TMIN and the highest TMAX of each location and day; ties go to the smallest station id. */
export const dailyExtremes = aggregate({
  id: 'weather/daily',
  from: observations,
  key: ({ location, date }) => `${location}/${date}`,
  as: daily,
  initial: ({ location, date }) => ({ location, date, observations: 0 }),
  add: (row, observation) => {
    const low = extreme(row.low, measured(observation, 'TMIN'), (one, other) => one < other);
    const high = extreme(row.high, measured(observation, 'TMAX'), (one, other) => one > other);
    return {
      location: row.location,
      date: row.date,
      observations: row.observations + 1,
      ...(low !== undefined && { low }),
      ...(high !== undefined && { high }),
    };
  },
});

const measured = (observation: Observation, element: string): Extreme | undefined => {
  const celsius = observation[element];
  return typeof celsius === 'number' ? { celsius, station_id: observation.station.id } : undefined;
};

const extreme = (
  known: Extreme | undefined,
  next: Extreme | undefined,
  beats: (one: number, other: number) => boolean,
): Extreme | undefined => {
  if (known === undefined || next === undefined) return known ?? next;
  if (next.celsius === known.celsius) return next.station_id < known.station_id ? next : known;
  return beats(next.celsius, known.celsius) ? next : known;
};
