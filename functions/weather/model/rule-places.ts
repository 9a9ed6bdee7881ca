import type { AlertRule } from './alert-rule.ts';
import { stationLocation } from './location.ts';
import type { Stations } from './station.ts';

const MAX_SHOWN = 8;
const COUNTRY_CHARS = 2;

/** What is wrong with the first rule that no station can ever match, because none is where it looks; undefined if all may match. */
export const unmatchableRule = (rules: Iterable<AlertRule>, stations: Stations): string | undefined => {
  const locations = new Set(Array.from(stations.values(), stationLocation));
  for (const { id, location, station_id: stationId } of rules) {
    if (stationId !== undefined && !stations.has(stationId)) {
      return `rule '${id}' can never match: no station of the list is '${stationId}'; check the ID, or name the list that has it`;
    }
    if (location !== undefined && !locations.has(location)) {
      return `rule '${id}' can never match: no station is in '${location}'; ${near(location, locations)}`;
    }
  }
  return undefined;
};

const near = (location: string, locations: ReadonlySet<string>): string => {
  const country = location.slice(0, COUNTRY_CHARS);
  const within = [...locations].filter((one) => one.startsWith(country)).sort();
  return within.length > 0
    ? `locations of ${country} are ${shown(within)}`
    : `locations are ${shown([...locations].sort())}`;
};

const shown = (names: readonly string[]): string =>
  names.length <= MAX_SHOWN
    ? names.join(', ')
    : `${names.slice(0, MAX_SHOWN).join(', ')}, ... (${String(names.length)} in all)`;
