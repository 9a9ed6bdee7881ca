import type { InputFormat } from '../../../shared/source/input-format.ts';
import { isElementName } from '../model/element-name.ts';
import { toRawUnits } from '../model/units.ts';
import { csvField, isCsvField } from './csv-field.ts';

/** Fields of a document that say where and when, or that follow from the elements; numbers in them are not measurements. */
const NOT_MEASURED: ReadonlySet<string> = new Set([
  'station_id',
  'station',
  'date',
  'location',
  'TRANGE',
  'MDTRANGE',
  'quality',
  'name',
  'country_code',
  'country',
  'state_code',
  'state',
  'elevation',
  'latitude',
  'longitude',
  'lat',
  'lon',
]);

/** One observation as a JSON document on each line, flat or as this pipeline writes them; see {@link jsonDocumentLines}. */
export const noaaJson: InputFormat = {
  name: 'noaa-json',
  help: 'an observation a line, as a JSON document',
  looksLike: (line) => /^\s*\{.*\}\s*$/.test(line),
  open: () => ({ read: (lines) => lines.flatMap(jsonDocumentLines) }),
};

/**
 * The raw CSV lines of one document: flat (`{"station_id", "date", "TMAX", ...}`) or nested (`{"station": {"id"}, "date", ...}`).
 *
 * The date is `YYYY-MM-DD` or `YYYYMMDD`, with or without a midnight after it. Values are in plain units and become the integers of
 * GHCN lines. An element's name gives a line whatever its value, so that a value that is not a number, or finer than a tenth, is
 * refused and not lost; so does a number under any other name. Anything else is ignored. A line that is not such a document,
 * or measures nothing, passes unchanged and becomes one invalid record.
 *
 * @example
 * ```ts
 * jsonDocumentLines('{"station_id":"USC00028815","date":"2016-01-01","TMAX":14.4,"SNOW":0}'); // ['USC00028815,20160101,TMAX,144,,,,', 'USC00028815,20160101,SNOW,0,,,,']
 * jsonDocumentLines('{"station":{"id":"USC00028815"},"date":"20160101","TMAX":"warm"}'); // ['USC00028815,20160101,TMAX,"warm",,,,']
 * jsonDocumentLines('{"station_id":"USC00028815","date":"20160101","TMAX":-9999}'); // ['USC00028815,20160101,TMAX,-9999,,,,']
 * jsonDocumentLines('[]'); // ['[]']
 * ```
 */
export const jsonDocumentLines = (line: string): readonly string[] => {
  const document = objectOf(line);
  if (document === undefined) return [line];
  const stationId = stationIdOf(document);
  const date = document.get('date');
  if (typeof stationId !== 'string' || !isCsvField(stationId)) return [line];
  if (typeof date !== 'string' || !isCsvField(date)) return [line];
  const prefix = `${stationId},${compactDateText(date)}`;
  const lines: string[] = [];
  for (const [name, value] of document) {
    if (isMeasured(name, value)) lines.push(`${prefix},${csvField(name)},${csvField(rawValue(name, value))},,,,`);
  }
  return lines.length === 0 ? [line] : lines;
};

const objectOf = (line: string): ReadonlyMap<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    // A map, because a document may have a field `__proto__`.
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
};

const stationIdOf = (document: ReadonlyMap<string, unknown>): unknown => {
  const station = document.get('station');
  return typeof station === 'object' && station !== null && 'id' in station ? station.id : document.get('station_id');
};

const MIDNIGHT = /T00:00:00(?:\.0{1,9})?Z?$/;
const DASHED = /^(\d{4})-(\d{2})-(\d{2})$/;

/** A date in any other form stays as it is, for the parser to refuse. */
const compactDateText = (date: string): string => date.replace(MIDNIGHT, '').replace(DASHED, '$1$2$3');

const isMeasured = (name: string, value: unknown): boolean =>
  isElementName(name) || (typeof value === 'number' && !NOT_MEASURED.has(name));

const MISSING_VALUE = -9999;

const rawValue = (name: string, value: unknown): string => {
  // NOAA's marker of a missing value has no unit.
  if (value === MISSING_VALUE) return String(MISSING_VALUE);
  return typeof value === 'number' ? String(toRawUnits(name, value)) : JSON.stringify(value);
};
