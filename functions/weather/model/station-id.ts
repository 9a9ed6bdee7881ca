import { isDigit, isLowerLetter, isUpperLetter } from './char-class.ts';

/** Characters of a GHCN station ID: two of the country, one of the network, eight of the station. */
export const STATION_ID_CHARS = 11;

const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;

/**
 * Whether a text has a station ID at a position: 11 ASCII letters, digits, `_` or `-`.
 *
 * Small letters and `_` count, because NOAA's own list has them (`US10box_001`). The text after the 11 characters is not checked.
 *
 * @example
 * ```ts
 * hasStationIdAt('USC00028815,20160101', 0); // true
 * hasStationIdAt('US10box_001', 0); // true
 * hasStationIdAt('"USC0002881', 0); // false
 * hasStationIdAt('USC0002881', 0); // false
 * ```
 */
export const hasStationIdAt = (text: string, at: number): boolean => {
  const end = at + STATION_ID_CHARS;
  if (text.length < end) return false;
  for (let place = at; place < end; place += 1) {
    const code = text.charCodeAt(place);
    if (!isUpperLetter(code) && !isDigit(code) && !isLowerLetter(code) && code !== UNDERSCORE && code !== HYPHEN) {
      return false;
    }
  }
  return true;
};

/** Whether a whole text is one station ID; see {@link hasStationIdAt}. */
export const isStationId = (text: string): boolean => text.length === STATION_ID_CHARS && hasStationIdAt(text, 0);
