import { isUpperLetter } from './char-class.ts';
import type { Station, Stations } from './station.ts';

/** The location of lines whose first two characters are not a country code. */
const UNKNOWN_LOCATION = 'unknown';

/**
 * The location of a station: `US-AZ` (country and state) where the list has a state, else the country code.
 *
 * @example
 * ```ts
 * stationLocation({ id: 'USC00028815', country_code: 'US', state_code: 'AZ', location: { lat: 32, lon: -111 }, name: 'TUCSON' }); // 'US-AZ'
 * ```
 */
export const stationLocation = (station: Station): string =>
  station.state_code === undefined ? station.country_code : `${station.country_code}-${station.state_code}`;

/**
 * Creates the function that returns the partition key of a raw line, good or bad.
 *
 * A station of the list gives {@link stationLocation}; any other line its first two characters where they are A to Z, which is the
 * country code of a GHCN ID; else {@link UNKNOWN_LOCATION}. Memory is one entry per listed station, whatever the lines hold.
 */
export const lineLocator = (stations: Stations): ((line: string) => string) => {
  const locations = new Map<string, string>();
  const interned = new Map<string, string>();
  for (const station of stations.values()) {
    const location = stationLocation(station);
    const known = interned.get(location) ?? location;
    interned.set(location, known);
    locations.set(station.id, known);
  }
  return (line) => {
    const idEnd = line.indexOf(',');
    return (idEnd > 0 ? locations.get(line.slice(0, idEnd)) : undefined) ?? countryOf(line);
  };
};

const countryOf = (line: string): string =>
  line.length >= 2 && isUpperLetter(line.charCodeAt(0)) && isUpperLetter(line.charCodeAt(1))
    ? line.slice(0, 2)
    : UNKNOWN_LOCATION;
