import { deaggregate, isAggregated } from '../../codec/kpl.ts';
import { addTo, newTally, type Tally } from '../../engine/books.ts';
import type { BatchResult, Engine } from '../../engine/engine.ts';
import type { DeliveredRecord } from '../../stream/delivered-record.ts';

/** How a batch is taken. */
export interface TakeOptions {
  readonly nowMs: () => number;
  /** When nothing is read or written any more, in milliseconds since 1970; what time is left then is for the answer. */
  readonly deadlineMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Spreads the waiting times; 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** @default 1 MiB */
  readonly sliceBytes?: number;
}

/** The largest item that a batch wrote; 0 bytes where it wrote none. */
interface LargestItem {
  readonly largestItemBytes: number;
  readonly largestItemKey: string | undefined;
}

/** The result of a batch, as far as it was processed. */
export interface TakenBatch extends BatchResult, LargestItem {
  /** What was left for the next invocation, because no time was left for it. */
  readonly unprocessed: UnprocessedRecords | undefined;
}

interface UnprocessedRecords {
  readonly partitionKey: string;
  /** Of the first of them. */
  readonly sequenceNumber: string;
  readonly count: number;
  readonly because: 'no-time';
}

const SLICE_BYTES = 1_048_576;

/** With pauses of 0.2, 0.4, 0.8, 1.6, 3.2 and 5 seconds at most, an invocation waits 12 seconds in all. */
const MAX_RETRIES = 6;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5_000;

/**
 * Takes a batch slice by slice, as long as a slice can be expected to end in time: a slice that is begun must be committed, or
 * its work is done for nothing and done again. The first slice is always taken, or such a batch would never get smaller.
 *
 * A held partition key holds no other: later slices are processed too. What is held goes before each of them, so that it keeps
 * its place in the order, and the engine sees that what follows in the shard is not all there is. After the last slice it is
 * processed again after pauses, while a retry can be expected to end in time: a fault that is over by then costs no redelivery.
 * What is applied and delivered again, because Lambda delivers everything from the lowest held record on, is a repeat.
 *
 * The books count a record that was held and processed again once, as what it was in the end.
 */
export const takeBatch = async (
  engine: Pick<Engine, 'process'>,
  records: readonly DeliveredRecord[],
  { nowMs, deadlineMs, sleep, random = Math.random, sliceBytes = SLICE_BYTES }: TakeOptions,
): Promise<TakenBatch> => {
  const total = new Total();
  let slowestMs = 0;
  let held: readonly DeliveredRecord[] = [];
  const take = async (some: readonly DeliveredRecord[]): Promise<void> => {
    const startedMs = nowMs();
    const result = await engine.process(some);
    slowestMs = Math.max(slowestMs, nowMs() - startedMs);
    total.add(result);
    held = recordsFromHeld(some, result.held);
  };

  let taken = 0;
  for (const slice of recordSlices(records, sliceBytes)) {
    if (taken > 0 && deadlineMs - nowMs() < slowestMs) return total.result(records.slice(taken));
    await take([...held, ...slice]);
    taken += slice.length;
  }
  for (let retry = 0; retry < MAX_RETRIES && held.length > 0; retry += 1) {
    const pauseMs = (0.5 + random() / 2) * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** retry);
    if (nowMs() + pauseMs + slowestMs > deadlineMs) break;
    await sleep(pauseMs);
    await take(held);
  }
  return total.result([]);
};

/** The records of held partition keys, each key's from its held record on; an aggregate that has one is among them whole. */
const recordsFromHeld = (
  records: readonly DeliveredRecord[],
  held: BatchResult['held'],
): readonly DeliveredRecord[] => {
  if (held.length === 0) return [];
  const heldAt = Map.groupBy(held, ({ sequenceNumber }) => sequenceNumber);
  const keys = new Set<string>();
  return records.filter((record) => {
    for (const { partitionKey } of heldAt.get(record.sequenceNumber) ?? []) keys.add(partitionKey);
    return keys.size > 0 && partitionKeysOf(record).some((key) => keys.has(key));
  });
};

const partitionKeysOf = ({ partitionKey, data }: DeliveredRecord): readonly string[] => {
  if (!isAggregated(data)) return [partitionKey];
  const unpacked = deaggregate(data);
  return unpacked.kind === 'malformed' ? [partitionKey] : unpacked.records.map((record) => record.partitionKey);
};

/** What the slices of a batch come to; each is processed together with what was held before it. */
class Total {
  readonly #books: Tally = newTally();
  #held: BatchResult['held'] = [];
  #heldEvents = 0;
  #conflicts = 0;
  #watermarkMs: number | undefined;
  #largest: LargestItem = { largestItemBytes: 0, largestItemKey: undefined };

  add(result: BatchResult): void {
    const { books, held, conflicts, watermarkMs, largestItemBytes, largestItemKey } = result;
    // What was held before is in these books again.
    this.#books.in -= this.#heldEvents;
    this.#books.held -= this.#heldEvents;
    addTo(this.#books, books);
    this.#heldEvents = books.held;
    this.#held = held;
    this.#conflicts += conflicts;
    this.#watermarkMs = lower(this.#watermarkMs, watermarkMs);
    if (largestItemBytes > this.#largest.largestItemBytes) this.#largest = { largestItemBytes, largestItemKey };
  }

  result(rest: readonly DeliveredRecord[]): TakenBatch {
    const [first] = rest;
    return {
      held: this.#held,
      books: this.#books,
      conflicts: this.#conflicts,
      watermarkMs: this.#watermarkMs,
      ...this.#largest,
      unprocessed: first && {
        partitionKey: first.partitionKey,
        sequenceNumber: first.sequenceNumber,
        count: rest.length,
        because: 'no-time',
      },
    };
  }
}

const lower = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);

/**
 * Cuts records, in order, into slices of at most `sliceBytes` of data; a slice is larger only where it is one record. A usual
 * batch is one slice, so each of its keys is written once.
 */
export const recordSlices = (
  records: readonly DeliveredRecord[],
  sliceBytes: number,
): readonly (readonly DeliveredRecord[])[] => {
  const slices: DeliveredRecord[][] = [];
  let slice: DeliveredRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (slice.length > 0 && bytes + record.data.length > sliceBytes) {
      slices.push(slice);
      slice = [];
      bytes = 0;
    }
    slice.push(record);
    bytes += record.data.length;
  }
  if (slice.length > 0) slices.push(slice);
  return slices;
};
