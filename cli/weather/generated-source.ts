import { weatherGenerator } from '../../functions/weather/generator/weather-generator.ts';
import { DAY_MS } from '../../functions/weather/model/calendar-day.ts';
import type { Source, Chunk } from '../run/source.ts';
import { weatherPipeline } from './weather-pipeline.ts';

export interface GeneratedSourceOptions {
  readonly days: number;
  readonly seed: number;
  readonly graceDays: number;
  /** Records of one cycle, filled up to a whole day. */
  readonly chunkRecords: number;
}

const FIRST_DATE = '2023-01-01';

/** Generated weather of a few hundred stations; `done` counts days. */
export const generatedSource = ({ days, seed, graceDays, chunkRecords }: GeneratedSourceOptions): Source => {
  const generator = weatherGenerator({ seed, days, startDate: FIRST_DATE.replaceAll('-', '') });
  const positionOf = (note: unknown): DayPosition => (isDayPosition(note) ? note : FIRST_DAY);
  return {
    pipeline: weatherPipeline({
      stations: new Map(generator.stations.map((station) => [station.id, station])),
      rules: generator.rules,
      graceDays,
    }),
    title: `${String(generator.stations.length)} generated stations, ${String(days)} days, seed ${String(seed)}`,
    fingerprint: {
      '--input': 'generated weather',
      '--days': String(days),
      '--seed': String(seed),
      '--grace-days': String(graceDays),
    },
    total: days,
    open: (note) => dayFeed(generator, chunkRecords, positionOf(note)),
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

/** Where generating weather goes on. */
interface DayPosition {
  /** From 0; days before it are done. */
  readonly day: number;
  readonly records: number;
}

const FIRST_DAY: DayPosition = { day: 0, records: 0 };

/** Whether a note is such a position. */
const isDayPosition = (note: unknown): note is DayPosition =>
  typeof note === 'object' && note !== null && 'day' in note && 'records' in note;

/** Lines by day: the same day always has the same ones. */
interface LinesByDay {
  readonly days: number;
  linesOfDay(day: number): readonly string[];
}

/**
 * Gives whole days, as many as make up `chunkRecords` or the first few more, as one chunk; `done` counts days.
 *
 * Chunks are the same wherever it goes on, as long as it goes on after one of them.
 */
const dayFeed = function* (source: LinesByDay, chunkRecords: number, from: DayPosition): Generator<Chunk<DayPosition>> {
  let { day, records } = from;
  while (day < source.days) {
    const chunk: string[] = [];
    while (day < source.days && chunk.length < chunkRecords) {
      for (const line of source.linesOfDay(day)) chunk.push(line);
      day += 1;
    }
    records += chunk.length;
    yield { records: chunk, position: { day, records }, done: day };
  }
};
