import type { Portion } from './portion.ts';

/** Where making weather goes on. */
export interface DayPosition {
  /** From 0; days before it are done. */
  readonly day: number;
  readonly records: number;
}

export const FIRST_DAY: DayPosition = { day: 0, records: 0 };

/** Tells a position that was noted from anything else. */
export const isDayPosition = (note: unknown): note is DayPosition =>
  typeof note === 'object' && note !== null && 'day' in note && 'records' in note;

/** What lines are made by: the same day always has the same ones. */
export interface LinesByDay {
  readonly days: number;
  linesOfDay(day: number): readonly string[];
}

/**
 * Gives whole days, as many as make up `portionRecords` or the first few more, as one portion; `done` counts days.
 *
 * Portions are the same wherever it goes on, as long as it goes on behind one of them.
 */
export const dayFeed = function* (
  source: LinesByDay,
  portionRecords: number,
  from: DayPosition,
): Generator<Portion<DayPosition>> {
  let { day, records } = from;
  while (day < source.days) {
    const portion: string[] = [];
    while (day < source.days && portion.length < portionRecords) {
      for (const line of source.linesOfDay(day)) portion.push(line);
      day += 1;
    }
    records += portion.length;
    yield { records: portion, position: { day, records }, done: day };
  }
};
