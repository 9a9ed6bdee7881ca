import { weatherGenerator } from '../../functions/weather/generator/weather-generator.ts';
import { dayFeed, FIRST_DAY, isDayPosition, type DayPosition } from '../feed/day-feed.ts';
import type { Source } from './source.ts';
import { weatherPipeline } from './weather-pipeline.ts';

export interface MadeUpSourceOptions {
  readonly days: number;
  readonly seed: number;
  readonly graceDays: number;
  /** Records of one cycle, filled up to a whole day. */
  readonly portionRecords: number;
}

const FIRST_DATE = '2023-01-01';
const DAY_MS = 86_400_000;

/** Made-up weather of some hundred stations; `done` counts days. */
export const madeUpSource = ({ days, seed, graceDays, portionRecords }: MadeUpSourceOptions): Source => {
  const generator = weatherGenerator({ seed, days, startDate: FIRST_DATE.replaceAll('-', '') });
  const positionOf = (note: unknown): DayPosition => (isDayPosition(note) ? note : FIRST_DAY);
  return {
    pipeline: weatherPipeline({
      stations: new Map(generator.stations.map((station) => [station.id, station])),
      rules: generator.rules,
      graceDays,
    }),
    title: `${String(generator.stations.length)} made-up stations, ${String(days)} days, seed ${String(seed)}`,
    fingerprint: {
      '--input': 'made-up weather',
      '--days': String(days),
      '--seed': String(seed),
      '--grace-days': String(graceDays),
    },
    total: days,
    open: (note) => dayFeed(generator, portionRecords, positionOf(note)),
    totals: (note) => {
      const { records } = positionOf(note);
      return { lines: records, records, damaged: [] };
    },
    doneAt: (note) => positionOf(note).day,
    placeOf: (note) => {
      const lastDay = Math.max(0, positionOf(note).day - 1);
      return new Date(Date.parse(FIRST_DATE) + lastDay * DAY_MS).toISOString().slice(0, 10);
    },
  };
};
