import { addTo, newTally } from '../../engine/books.ts';
import type { BatchResult, Engine } from '../../engine/engine.ts';
import type { DeliveredRecord } from '../../stream/delivered-record.ts';
import { recordSlices } from './record-slices.ts';

/** How a batch is taken. */
export interface TakeOptions {
  readonly nowMs: () => number;
  /** When nothing is read or written any more, in milliseconds since 1970; what time is left then is for the answer. */
  readonly deadlineMs: number;
  /** @default 1 MiB */
  readonly sliceBytes?: number;
}

/** What became of a batch, as far as it was taken. */
export interface TakenBatch extends BatchResult {
  /** What was left for the next invocation. */
  readonly untaken: UntakenRecords | undefined;
}

interface UntakenRecords {
  readonly partitionKey: string;
  /** Of the first of them. */
  readonly sequenceNumber: string;
  readonly count: number;
  /** `lane-held`: all behind the lowest failure is delivered again anyway. */
  readonly because: 'no-time' | 'lane-held';
}

const SLICE_BYTES = 1_048_576;

/**
 * Takes a batch slice by slice, as long as a slice can be expected to end in time: what is begun must be committed, or its
 * work is done for nothing and done again. The first slice is always taken, because a batch of which nothing is taken
 * would come again as it is.
 */
export const takeBatch = async (
  engine: Pick<Engine, 'process'>,
  records: readonly DeliveredRecord[],
  { nowMs, deadlineMs, sliceBytes = SLICE_BYTES }: TakeOptions,
): Promise<TakenBatch> => {
  const books = newTally();
  let held: BatchResult['held'] = [];
  let conflicts = 0;
  let watermarkMs: number | undefined;
  let untaken: UntakenRecords | undefined;
  let taken = 0;
  let slowestMs = 0;
  for (const slice of recordSlices(records, sliceBytes)) {
    const startedMs = nowMs();
    const isLate = taken > 0 && deadlineMs - startedMs < slowestMs;
    const [first] = slice;
    if (first !== undefined && (isLate || held.length > 0)) {
      const { partitionKey, sequenceNumber } = first;
      const because = held.length > 0 ? 'lane-held' : 'no-time';
      untaken = { partitionKey, sequenceNumber, count: records.length - taken, because };
      break;
    }
    const result = await engine.process(slice);
    slowestMs = Math.max(slowestMs, nowMs() - startedMs);
    taken += slice.length;
    addTo(books, result.books);
    held = result.held;
    conflicts += result.conflicts;
    watermarkMs = lower(watermarkMs, result.watermarkMs);
  }
  return { held, books, conflicts, watermarkMs, untaken };
};

const lower = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
