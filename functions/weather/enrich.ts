import { processor } from '../../shared/processor/processor.ts';
import { rowOf } from '../../shared/processor/table.ts';
import { InvalidReason } from './model/invalid-reason.ts';
import { measurementsOf } from './model/observation.ts';
import { observations, stationDays, weatherErrors, type StationDay } from './streams.ts';
import { stations } from './tables.ts';

/** Adds the station, and converts to plain units. A day of an unknown station is an error, not an observation. */
export const enrich = processor({
  id: 'weather/enrich',
  from: stationDays,
  to: { observations, errors: weatherErrors },
  tables: { station: rowOf(stations, ({ station_id }: StationDay) => station_id) },
  step: ({ value: day, tables: { station } }) => {
    const { location, date, elements } = day;
    return station === undefined
      ? { outcome: 'invalid', emit: { errors: [{ reason: InvalidReason.UnknownStation, location, observation: day }] } }
      : { emit: { observations: [{ station, location, date, ...measurementsOf(Object.entries(elements)) }] } };
  },
});
