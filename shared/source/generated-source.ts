import type { Chunk, Source } from './source.ts';

/** Generated records, step by step: a day, a second, a batch. The same step always has the same records. */
export interface GeneratedData {
  /** In a few words, for people. */
  readonly title: string;
  readonly steps: number;
  /** The records of a step, 0 to `steps - 1`. */
  recordsOf(step: number): readonly string[];
  /** What people call a step: a date, for example. @default - its number */
  placeOf?(step: number): string;
}

/** A source of generated records. `done` counts steps; `given` is what decides the data, by the name of its option. */
export const generatedSource = (data: GeneratedData, given: Readonly<Record<string, string>>): Source => {
  const positionOf = (note: unknown): StepPosition => (isStepPosition(note) ? note : FIRST_STEP);
  return {
    title: data.title,
    fingerprint: { '--input': 'demo data', ...given },
    total: data.steps,
    canResume: true,
    open: (note, { chunkRecords }) => stepFeed(data, chunkRecords, positionOf(note)),
    totals: (note) => {
      const { records } = positionOf(note);
      return { lines: records, records, damaged: [] };
    },
    doneAt: (note) => positionOf(note).step,
    placeOf: (note) => {
      const last = Math.max(0, positionOf(note).step - 1);
      return data.placeOf?.(last) ?? `step ${String(last + 1)} of ${String(data.steps)}`;
    },
  };
};

/** Where generating goes on. */
interface StepPosition {
  /** From 0; steps before it are done. */
  readonly step: number;
  readonly records: number;
}

const FIRST_STEP: StepPosition = { step: 0, records: 0 };

const isStepPosition = (note: unknown): note is StepPosition =>
  typeof note === 'object' && note !== null && 'step' in note && 'records' in note;

/**
 * Gives whole steps, as many as make up `chunkRecords` or the first few more, as one chunk.
 *
 * Chunks are the same wherever it goes on, as long as it goes on after one of them.
 */
const stepFeed = function* (
  data: GeneratedData,
  chunkRecords: number,
  from: StepPosition,
): Generator<Chunk<StepPosition>> {
  let { step, records } = from;
  while (step < data.steps) {
    const chunk: string[] = [];
    while (step < data.steps && chunk.length < chunkRecords) {
      for (const record of data.recordsOf(step)) chunk.push(record);
      step += 1;
    }
    records += chunk.length;
    yield { records: chunk, position: { step, records }, done: step };
  }
};
