import { Purpose, type SeededRandom } from './seeded-random.ts';
import type { GeneratedStation } from './generated-station.ts';

/** The weather of one station and day in the integers of GHCN: tenths of degrees, of millimetres, of metres per second; snow in mm. */
export interface DayWeather {
  readonly tmax: number;
  readonly tmin: number;
  readonly tobs: number;
  readonly tavg: number;
  readonly prcp: number;
  readonly snow: number;
  readonly snwd: number;
  readonly awnd: number;
  readonly wsf2: number;
}

const DAYS_PER_YEAR = 365.2425;
// 1 January 1970 plus this is 20 July, when the north is warmest.
const WARMEST_DAY = 200;

const REGION_DEVIATION_C = 3.6;
const STATION_DEVIATION_C = 1.1;

/**
 * Generates the weather of a day: the climate of latitude, height and season, the region's weather of that week, the station's own deviation.
 *
 * `dayNumber` counts from 1 January 1970; `fallC` is subtracted from all temperatures.
 */
export const dayWeather = (
  random: SeededRandom,
  station: GeneratedStation,
  dayNumber: number,
  fallC: number,
): DayWeather => {
  const { index, region, regionIndex, metres, row } = station;
  const north = row.location.lat - 20;
  const season = Math.cos((2 * Math.PI * (dayNumber - WARMEST_DAY)) / DAYS_PER_YEAR);
  const yearMeanC = 26.5 - 0.72 * north - 5.5e-3 * metres + region.warmthC;
  // Winters vary more than summers.
  const variability = 1 - 0.35 * season;
  const deviationC =
    REGION_DEVIATION_C * random.drifting(Purpose.RegionTemperature, regionIndex, dayNumber) +
    STATION_DEVIATION_C * random.drifting(Purpose.StationTemperature, index, dayNumber);
  const dayMeanC = yearMeanC + (3.5 + 0.3 * north) * region.swing * season + variability * deviationC - fallC;

  const rain =
    0.85 * random.drifting(Purpose.RegionRain, regionIndex, dayNumber) +
    0.53 * random.normal(Purpose.StationRain, index, dayNumber) -
    region.dryness;
  const isWet = rain > 0;
  const rangeC = region.dailyRangeC * (isWet ? 0.6 : 1) + 1.6 * random.normal(Purpose.DailyRange, index, dayNumber);
  const halfC = Math.max(1, rangeC / 2);
  const highC = dayMeanC + halfC + 0.5 * random.normal(Purpose.HighTemperature, index, dayNumber);
  const lowC = Math.min(highC - 0.3, dayMeanC - halfC + 0.5 * random.normal(Purpose.LowTemperature, index, dayNumber));

  const millimetres = isWet ? rain * (6 + 60 * random.uniform(Purpose.RainAmount, index, dayNumber) ** 4) : 0;
  const snowShare = Math.min(1, Math.max(0, (2 - dayMeanC) / 4));
  const coldC = Math.max(0, -2 - (dayMeanC + fallC - variability * deviationC * 0.7));
  const depth =
    coldC * 22 * Math.max(0, 1 + 0.6 * random.drifting(Purpose.SnowDepth, regionIndex, Math.floor(dayNumber / 4)));

  const wind = Math.max(
    0.3,
    3.4 +
      1.5 * random.drifting(Purpose.RegionWind, regionIndex, dayNumber) +
      0.6 * random.normal(Purpose.StationWind, index, dayNumber),
  );
  const isEvening = random.uniform(Purpose.ObservationHour, index, 0) < 0.4;
  return {
    tmax: Math.round(highC * 10),
    tmin: Math.round(lowC * 10),
    tobs: Math.round((isEvening ? highC - 0.2 * halfC : lowC + 0.25 * halfC) * 10),
    tavg: Math.round(dayMeanC * 10),
    prcp: Math.round(millimetres * 10),
    snow: Math.round(millimetres * snowShare * 9),
    snwd: Math.round(depth),
    awnd: Math.round(wind * 10),
    wsf2: Math.round(wind * (19 + 4 * random.normal(Purpose.ObservationHour, index, dayNumber))),
  };
};
