import type { Station } from '../model/station.ts';
import { Purpose, type SeededRandom } from './seeded-random.ts';
import { type Region, REGIONS } from './region.ts';

/** What a station measures: everything at an airport, temperatures and rain for most observers, rain alone for some. */
export const StationKind = { Airport: 'airport', Observer: 'observer', RainGauge: 'rain-gauge' } as const;
export type StationKind = (typeof StationKind)[keyof typeof StationKind];

/** A station that does not exist, in a region that does. */
export interface GeneratedStation {
  /** From 0; selects its random numbers. */
  readonly index: number;
  readonly kind: StationKind;
  readonly region: Region;
  readonly regionIndex: number;
  readonly row: Station;
  /** Metres above sea level, also if the row does not say. */
  readonly metres: number;
}

const FIRST_WORDS = [
  'CEDAR',
  'MILL',
  'WILLOW',
  'EAGLE',
  'STONE',
  'FAIR',
  'CLEAR',
  'RED',
  'PINE',
  'LONG',
  'SILVER',
  'ELK',
  'OAK',
];
const SECOND_WORDS = [
  'CREEK',
  'SPRINGS',
  'FALLS',
  'RIDGE',
  'LAKE',
  'JUNCTION',
  'VALLEY',
  'HOLLOW',
  'MEADOW',
  'BLUFF',
  'FORD',
];
const BEARINGS = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'];

const AIRPORT_SHARE = 0.15;
const RAIN_GAUGE_SHARE = 0.2;
const NO_ELEVATION_SHARE = 0.02;

/** Generates stations for all regions by weight, sorted by ID; each region has one if `count` allows. */
export const generatedStations = (random: SeededRandom, count: number): readonly GeneratedStation[] => {
  const inRegion = REGIONS.map(() => 0);
  const stations = Array.from({ length: count }, (_, index): GeneratedStation => {
    const regionIndex = rarestRegion(inRegion);
    const region = REGIONS[regionIndex];
    if (region === undefined) throw new RangeError('the list of regions is empty');
    const number = (inRegion[regionIndex] ?? 0) + 1;
    inRegion[regionIndex] = number;
    return madeStation(random, { index, region, regionIndex, number });
  });
  return stations.toSorted((one, other) => (one.row.id < other.row.id ? -1 : 1));
};

/** The region with the largest deficit against its share. */
const rarestRegion = (inRegion: readonly number[]): number => {
  const filled = REGIONS.map(({ weight }, index) => ((inRegion[index] ?? 0) + 0.5) / weight);
  return filled.indexOf(Math.min(...filled));
};

interface Place {
  readonly index: number;
  readonly region: Region;
  readonly regionIndex: number;
  /** Which station of the region, from 1. */
  readonly number: number;
}

const madeStation = (random: SeededRandom, { index, region, regionIndex, number }: Place): GeneratedStation => {
  const draw = (purpose: number, which: number): number => random.uniform(purpose, index, which);
  const between = (from: number, to: number, which: number): number =>
    from + (to - from) * draw(Purpose.StationPlace, which);
  const { south, west, north, east } = region.box;
  // Most people, and so most stations, are at low altitude.
  const metres = rounded(
    between(region.lowestMetres, region.highestMetres, 2) * (0.4 + 0.6 * draw(Purpose.StationPlace, 3)),
    1,
  );
  const kindDraw = draw(Purpose.StationKind, 0);
  const isCanadian = region.country_code === 'CA';
  const isAirport = !isCanadian && kindDraw < AIRPORT_SHARE;
  const isRainGauge = kindDraw > 1 - RAIN_GAUGE_SHARE;
  const id = isAirport
    ? `USW000${region.idDigits}${String(100 + number)}`
    : isCanadian
      ? `CA00${region.idDigits}${String(10_000 + number * 37)}`
      : `USC00${region.idDigits}${String(1_000 + number * 37)}`;
  return {
    index,
    kind: isAirport ? StationKind.Airport : isRainGauge ? StationKind.RainGauge : StationKind.Observer,
    region,
    regionIndex,
    metres,
    row: {
      id,
      country_code: region.country_code,
      country: region.country,
      state_code: region.state_code,
      state: region.state,
      location: { lat: rounded(between(south, north, 0), 4), lon: rounded(between(west, east, 1), 4) },
      ...(draw(Purpose.StationKind, 1) < NO_ELEVATION_SHARE ? {} : { elevation: metres }),
      name: nameOf(draw, isAirport),
    },
  };
};

const nameOf = (draw: (purpose: number, which: number) => number, isAirport: boolean): string => {
  const pick = (words: readonly string[], which: number): string =>
    words[Math.floor(draw(Purpose.StationName, which) * words.length)] ?? '';
  const place = `${pick(FIRST_WORDS, 0)} ${pick(SECOND_WORDS, 1)}`;
  if (isAirport) return `${place} AP`;
  const miles = Math.floor(draw(Purpose.StationName, 2) * 14);
  return miles < 5 ? place : `${place} ${miles} ${pick(BEARINGS, 3)}`;
};

const rounded = (value: number, places: number): number => Number(value.toFixed(places));
