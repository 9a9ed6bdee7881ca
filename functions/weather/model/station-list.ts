import { parseCodeList } from './code-list.ts';
import { FileContentError, type SourceText } from '../../../shared/source/user-error.ts';
import { filledLines, quoted } from './source-text.ts';
import type { Station, Stations } from './station.ts';
import { parseStationLine } from './station-line.ts';

/** NOAA's three list files, read but not parsed. */
export interface StationListFiles {
  readonly stations: SourceText;
  readonly countries: SourceText;
  readonly states: SourceText;
}

/**
 * Reads `ghcnd-stations.txt` with the names of countries and states from the two other lists.
 *
 * Throws a {@link FileContentError} naming file and line for a line that is not in NOAA's columns or an ID that occurs
 * twice, and naming the file if it is empty, not such a list, or a list of other codes than the stations have (files mixed up).
 * A single code without a name is not an error: that station has the code only.
 */
export const parseStationList = ({ stations: source, countries, states }: StationListFiles): Stations => {
  const countryNames = parseCodeList(countries, 'country');
  const stateNames = parseCodeList(states, 'state');
  const stations = new Map<string, Station>();
  let withState = 0;
  let unnamedCountries = 0;
  let unnamedStates = 0;
  for (const { number, text } of filledLines(source.text)) {
    const station = stationOf(source.file, number, text, countryNames, stateNames);
    if (stations.has(station.id)) {
      throw new FileContentError(
        source.file,
        number,
        `station ${station.id} is in the list twice: keep one of the lines`,
      );
    }
    stations.set(station.id, station);
    if (station.country === undefined) unnamedCountries += 1;
    if (station.state_code !== undefined) withState += 1;
    if (station.state_code !== undefined && station.state === undefined) unnamedStates += 1;
  }
  if (stations.size === 0) {
    throw new FileContentError(source.file, undefined, `not a station list: the file is empty; ${REMEDY}`);
  }
  rejectOtherList(countries.file, 'country', unnamedCountries, stations.size);
  rejectOtherList(states.file, 'state', unnamedStates, withState);
  return stations;
};

const REMEDY = "give NOAA's ghcnd-stations.txt";

const stationOf = (
  file: string,
  lineNumber: number,
  line: string,
  countryNames: ReadonlyMap<string, string>,
  stateNames: ReadonlyMap<string, string>,
): Station => {
  const parsed = parseStationLine(line);
  if (parsed.kind === 'foreign') {
    const got = `a line must begin with an 11-character ID and a blank, got ${quoted(line)}`;
    throw new FileContentError(file, lineNumber, `not a station list: ${got}; ${REMEDY}`);
  }
  if (parsed.kind === 'bad') throw new FileContentError(file, lineNumber, parsed.problem);
  const { id, lat, lon, elevation, stateCode, name } = parsed;
  const countryCode = id.slice(0, 2);
  const country = countryNames.get(countryCode);
  const state = stateCode === undefined ? undefined : stateNames.get(stateCode);
  return {
    id,
    country_code: countryCode,
    ...(country === undefined ? {} : { country }),
    ...(stateCode === undefined ? {} : { state_code: stateCode }),
    ...(state === undefined ? {} : { state }),
    location: { lat, lon },
    ...(elevation === undefined ? {} : { elevation }),
    name,
  };
};

const rejectOtherList = (file: string, what: 'country' | 'state', unnamed: number, all: number): void => {
  if (unnamed * 2 <= all) return;
  throw new FileContentError(
    file,
    undefined,
    `not the ${what} list of these stations: ${unnamed} of ${all} stations have a ${what} code it does not know; give the three lists of one NOAA release, each to its own option`,
  );
};
