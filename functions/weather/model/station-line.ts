import { isDigit, isUpperLetter } from './char-class.ts';
import { quoted } from './source-text.ts';
import { hasStationIdAt } from './station-id.ts';

/** One line of `ghcnd-stations.txt`, before countries and states get their names. */
export type StationLine =
  | {
      readonly kind: 'station';
      readonly id: string;
      readonly lat: number;
      readonly lon: number;
      readonly elevation: number | undefined;
      readonly stateCode: string | undefined;
      readonly name: string;
    }
  /** No ID in the first columns: this is not a station list at all. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'bad'; readonly problem: string };

// NOAA counts columns from 1 and includes both ends.
const LATITUDE = [13, 20] as const;
const LONGITUDE = [22, 30] as const;
const ELEVATION = [32, 37] as const;
const STATE = [39, 40] as const;
const NAME = [42, 71] as const;

const NO_ELEVATION = -999.9;

const column = (line: string, [first, last]: readonly [number, number]): string => line.slice(first - 1, last);

/** Reads one line in NOAA's fixed columns; the flags and the WMO number after the name are not read. */
export const parseStationLine = (line: string): StationLine => {
  if (!hasStationIdAt(line, 0) || !startsWithTwoLetters(line) || line.charAt(11) !== ' ') return { kind: 'foreign' };
  const lat = decimal(column(line, LATITUDE));
  if (lat === undefined || Math.abs(lat) > 90) return bad(line, 'the latitude', LATITUDE, 'a number from -90 to 90');
  const lon = decimal(column(line, LONGITUDE));
  if (lon === undefined || Math.abs(lon) > 180)
    return bad(line, 'the longitude', LONGITUDE, 'a number from -180 to 180');
  const metres = decimal(column(line, ELEVATION));
  if (metres === undefined) return bad(line, 'the elevation', ELEVATION, 'a number of metres, or -999.9 for none');
  const stateCode = column(line, STATE).trim();
  if (stateCode !== '' && !(stateCode.length === 2 && startsWithTwoLetters(stateCode))) {
    return bad(line, 'the state', STATE, 'two capital letters or blank');
  }
  return {
    kind: 'station',
    id: line.slice(0, 11),
    lat,
    lon,
    elevation: metres === NO_ELEVATION ? undefined : metres,
    stateCode: stateCode === '' ? undefined : stateCode,
    name: column(line, NAME).trim(),
  };
};

const bad = (line: string, what: string, columns: readonly [number, number], allowed: string): StationLine => ({
  kind: 'bad',
  problem: `${what} (columns ${columns[0]} to ${columns[1]}) must be ${allowed}, got ${quoted(column(line, columns))}`,
});

const startsWithTwoLetters = (text: string): boolean =>
  isUpperLetter(text.charCodeAt(0)) && isUpperLetter(text.charCodeAt(1));

/** A plain decimal number with blanks around it; `Number` alone would also take ``, `0x1f` and `1e3`. */
const decimal = (columnText: string): number | undefined => {
  const text = columnText.trim();
  let digits = 0;
  let points = 0;
  for (let at = text.startsWith('-') ? 1 : 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) digits += 1;
    else if (code === POINT) points += 1;
    else return undefined;
  }
  return digits > 0 && points <= 1 ? Number(text) : undefined;
};

const POINT = 0x2e;
