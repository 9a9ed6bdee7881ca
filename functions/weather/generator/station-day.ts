import { compactDate, DAY_MS } from '../model/calendar-day.ts';
import { stationLocation } from '../model/location.ts';
import { Purpose, type SeededRandom } from './seeded-random.ts';
import { type ColdWave, coldWaveFallC } from './cold-wave.ts';
import { type DayWeather, dayWeather } from './day-weather.ts';
import { dirtyLines } from './dirty-line.ts';
import { type GeneratedStation, StationKind } from './generated-station.ts';

/** What decides a station's reports, beside the station and the day. */
export interface World {
  readonly random: SeededRandom;
  readonly startMs: number;
  readonly coldWave: ColdWave;
}

interface Reported {
  readonly element: string;
  readonly value: number;
  readonly measurementFlag?: string;
  readonly sourceFlag?: string;
}

const SILENT_SHARE = 0.02;
const SWAPPED_SHARE = 0.000_5;
const TRACE_SHARE = 0.1;
// Stations further south do not report snow.
const SNOW_LATITUDE = 31;

/** The raw lines of one station and day, corrupt ones included, in the order they were written; none on a day it is silent. */
export const stationDayLines = (
  { random, startMs, coldWave }: World,
  station: GeneratedStation,
  day: number,
): readonly string[] => {
  const { index, row } = station;
  if (random.uniform(Purpose.Silence, index, day) < SILENT_SHARE) return [];
  const dayMs = startMs + day * DAY_MS;
  const weather = dayWeather(random, station, dayMs / DAY_MS, coldWaveFallC(coldWave, stationLocation(row), day));
  // An observation window shifted by some hours swaps the two temperatures.
  const isSwapped = random.uniform(Purpose.Swap, index, day) < SWAPPED_SHARE;
  const { tmin, tmax } = weather;
  const seen = isSwapped ? { ...weather, tmin: tmax, tmax: tmin } : weather;
  const isTrace = seen.prcp === 0 && random.uniform(Purpose.RainAmount, index, day) < TRACE_SHARE;
  const base = { stationId: row.id, date: compactDate(dayMs), ...sourceFieldsOf(station, random) };
  return reportOf(station, seen, isTrace ? 'T' : '').flatMap((reported, place) =>
    dirtyLines(random, { ...base, measurementFlag: '', ...reported }, index, day, place),
  );
};

const sourceFieldsOf = (
  { kind, index, row }: GeneratedStation,
  random: SeededRandom,
): { readonly sourceFlag: string; readonly hour: string } => {
  if (kind === StationKind.Airport) return { sourceFlag: 'W', hour: '2400' };
  if (row.country_code === 'CA') return { sourceFlag: 'C', hour: '' };
  return { sourceFlag: '7', hour: random.uniform(Purpose.ObservationHour, index, 0) < 0.4 ? '1700' : '0700' };
};

const reportOf = ({ kind, row }: GeneratedStation, weather: DayWeather, rainFlag: string): readonly Reported[] => {
  const { tmax, tmin, tobs, tavg, prcp, snow, snwd, awnd, wsf2 } = weather;
  const rain: readonly Reported[] = [{ element: 'PRCP', value: prcp, measurementFlag: rainFlag }];
  const wet: readonly Reported[] =
    row.location.lat < SNOW_LATITUDE
      ? rain
      : [...rain, { element: 'SNOW', value: snow }, { element: 'SNWD', value: snwd }];
  const temperatures: readonly Reported[] = [
    { element: 'TMAX', value: tmax },
    { element: 'TMIN', value: tmin },
  ];
  if (kind === StationKind.RainGauge) return wet;
  if (kind === StationKind.Airport) {
    return [
      ...temperatures,
      ...wet,
      { element: 'AWND', value: awnd },
      { element: 'TAVG', value: tavg, measurementFlag: 'H', sourceFlag: 'S' },
      { element: 'WSF2', value: wsf2 },
    ];
  }
  return row.country_code === 'CA'
    ? [...temperatures, ...wet]
    : [...temperatures, { element: 'TOBS', value: tobs }, ...wet];
};
