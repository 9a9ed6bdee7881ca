import { AlertMode, ComparisonOp, type AlertRule } from '../../../functions/weather/model/alert-rule.ts';
import type { Station } from '../../../functions/weather/model/station.ts';
import { weather } from '../../../functions/weather/topology.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { linesAstray } from './lines-astray.ts';
import { chunksOf } from './chunks.ts';
import type { Scenario } from './scenario.ts';
import { weatherLines, type Region } from './weather-lines.ts';

const PLACES = [
  { country: 'US', state: 'AZ' },
  { country: 'US', state: 'VT' },
  { country: 'GM', state: undefined },
] as const;

/** The weather pipeline itself, fed with a few dirty days of two or three locations. */
export const weatherScenario = (chance: SeededRandom): Scenario => {
  const regions = chance
    .shuffled(PLACES)
    .slice(0, chance.between(2, 3))
    .map((place, index) => regionOf(place, index, chance.between(1, 3)));
  const stations = regions.flatMap((region) => region.stations);
  const phases = weatherLines(regions, chance.between(1, 3), chance).map((raws) => chunksOf(raws, chance));
  const graceDays = chance.between(0, 1);
  return {
    name: 'weather',
    topology: () => weather({ graceDays }),
    reference: {
      'weather-stations': new Map(stations.map((station) => [station.id, station])),
      'weather-rules': new Map(rulesFor(stations, chance).map((rule) => [rule.id, rule])),
    },
    source: 'weather-raw',
    phases,
    idleMs: 16 * 60_000,
    astray: linesAstray,
    mixedStreams: new Set(),
  };
};

const regionOf = ({ country, state }: (typeof PLACES)[number], index: number, count: number): Region => ({
  location: state === undefined ? country : `${country}-${state}`,
  unknownStationId: `${country}X0009999${String(index)}`,
  stations: Array.from({ length: count }, (_, number): Station => {
    const id = `${country}C0000${String(index)}${String(number)}00`;
    return {
      id,
      country_code: country,
      ...(state !== undefined && { state_code: state }),
      location: { lat: 30 + index, lon: number },
      name: `STATION ${String(index)}/${String(number)}`,
    };
  }),
});

const rulesFor = (stations: readonly Station[], chance: SeededRandom): readonly AlertRule[] =>
  Array.from({ length: chance.between(2, 5) }, (_, index): AlertRule => {
    const isEpisode = chance.yes(0.6);
    const station = chance.pick(stations);
    const { country_code: country, state_code: state } = station;
    const about = chance.pick([
      {},
      { station_id: station.id },
      { location: state === undefined ? country : `${country}-${state}` },
    ]);
    return {
      id: `rule-${String(index)}`,
      email: `reader-${String(chance.between(1, 2))}@example.org`,
      element: chance.pick(['TMIN', 'TMAX']),
      op: chance.pick([ComparisonOp.AtMost, ComparisonOp.Above]),
      threshold: chance.between(-8, 8),
      ...about,
      ...(isEpisode && chance.yes(0.5) && { reminderDays: chance.between(1, 2) }),
      mode: isEpisode ? AlertMode.Episode : AlertMode.Every,
    };
  });
