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
  /** What was left for the next invocation. */
  readonly unprocessed: UnprocessedRecords | undefined;
}

interface UnprocessedRecords {
  readonly partitionKey: string;
  /** Of the first of them. */
  readonly sequenceNumber: string;
  readonly count: number;
  /** `partition-held`: an earlier record of their partition key must come first. */
  readonly because: 'no-time' | 'partition-held';
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
 * A held partition key holds no other: later slices are taken without its records. Lambda delivers everything from the lowest
 * held record on again, and what is applied by then is a repeat. What is held is processed again in this invocation, after a
 * pause, while a retry can be expected to end in time: a fault that is over by then costs no redelivery.
 *
 * The books count what is processed again once, as what it was in the end.
 */
export const takeBatch = async (
  engine: Pick<Engine, 'process'>,
  records: readonly DeliveredRecord[],
  options: TakeOptions,
): Promise<TakenBatch> => {
  const { nowMs, deadlineMs, sleep, random = Math.random } = options;
  const total = new Total();
  const pace: Pace = { slowestMs: 0, begun: false };
  let pass = await takeOnce(engine, records, options, total, pace);
  for (let retry = 0; retry < MAX_RETRIES && pass.held.length > 0 && !pass.isOutOfTime; retry += 1) {
    const pauseMs = (0.5 + random() / 2) * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** retry);
    if (nowMs() + pauseMs + pace.slowestMs > deadlineMs) break;
    await sleep(pauseMs);
    total.forgetHeld(pass.heldEvents);
    pass = await takeOnce(engine, pass.left, options, total, pace, pass.held);
  }
  return { ...total.result(), held: pass.held, unprocessed: pass.unprocessed };
};

/** How long slices take; of all passes of a batch. */
interface Pace {
  slowestMs: number;
  begun: boolean;
}

/** The result of going through records once. */
interface Pass {
  readonly held: BatchResult['held'];
  /** How many events the engine booked as held. */
  readonly heldEvents: number;
  /** What must be processed again or was not processed, in order. */
  readonly left: readonly DeliveredRecord[];
  readonly unprocessed: UnprocessedRecords | undefined;
  readonly isOutOfTime: boolean;
}

const takeOnce = async (
  engine: Pick<Engine, 'process'>,
  records: readonly DeliveredRecord[],
  { nowMs, deadlineMs, sliceBytes = SLICE_BYTES }: TakeOptions,
  total: Total,
  pace: Pace,
  heldBefore: BatchResult['held'] = [],
): Promise<Pass> => {
  const blocked = new Set<string>();
  const held: BatchResult['held'][number][] = [];
  const left: DeliveredRecord[] = [];
  const unprocessed: DeliveredRecord[] = [];
  let heldEvents = 0;
  let seen = 0;
  let isOutOfTime = false;
  for (const slice of recordSlices(records, sliceBytes)) {
    const startedMs = nowMs();
    if (pace.begun && deadlineMs - startedMs < pace.slowestMs) {
      const rest = records.slice(seen);
      const numbers = new Set(rest.map(({ sequenceNumber }) => sequenceNumber));
      held.push(...heldBefore.filter(({ sequenceNumber }) => numbers.has(sequenceNumber)));
      left.push(...rest);
      unprocessed.push(...rest);
      isOutOfTime = true;
      break;
    }
    seen += slice.length;
    const going = slice.filter((record) => !isBlocked(record, blocked));
    const waiting = going.length === slice.length ? NONE : new Set(slice).difference(new Set(going));
    unprocessed.push(...waiting);
    if (going.length === 0) {
      left.push(...slice);
      continue;
    }
    pace.begun = true;
    const result: BatchResult & Partial<LargestItem> = await engine.process(going);
    pace.slowestMs = Math.max(pace.slowestMs, nowMs() - startedMs);
    total.add(result);
    heldEvents += result.books.held;
    held.push(...result.held);
    for (const { partitionKey } of result.held) blocked.add(partitionKey);
    const again = recordsFromHeld(going, result.held);
    left.push(...slice.filter((record) => waiting.has(record) || again.has(record)));
  }
  return { held, heldEvents, left, unprocessed: firstOf(unprocessed, isOutOfTime), isOutOfTime };
};

const NONE: ReadonlySet<DeliveredRecord> = new Set();

const firstOf = (records: readonly DeliveredRecord[], isOutOfTime: boolean): UnprocessedRecords | undefined => {
  const [first] = records;
  return (
    first && {
      partitionKey: first.partitionKey,
      sequenceNumber: first.sequenceNumber,
      count: records.length,
      because: isOutOfTime ? 'no-time' : 'partition-held',
    }
  );
};

/** Whether a record has a blocked partition key; an aggregate that has one waits whole, and so do all its keys. */
const isBlocked = (record: DeliveredRecord, blocked: Set<string>): boolean => {
  if (blocked.size === 0) return false;
  const keys = partitionKeysOf(record);
  if (!keys.some((key) => blocked.has(key))) return false;
  for (const key of keys) blocked.add(key);
  return true;
};

const partitionKeysOf = ({ partitionKey, data }: DeliveredRecord): readonly string[] => {
  if (!isAggregated(data)) return [partitionKey];
  const unpacked = deaggregate(data);
  return unpacked.kind === 'malformed' ? [partitionKey] : unpacked.records.map((record) => record.partitionKey);
};

/** The records of held partition keys, each key's from its held record on. */
const recordsFromHeld = (
  records: readonly DeliveredRecord[],
  held: BatchResult['held'],
): ReadonlySet<DeliveredRecord> => {
  if (held.length === 0) return NONE;
  const heldFrom = Map.groupBy(held, ({ sequenceNumber }) => sequenceNumber);
  const keys = new Set<string>();
  const found = new Set<DeliveredRecord>();
  for (const record of records) {
    for (const { partitionKey } of heldFrom.get(record.sequenceNumber) ?? []) keys.add(partitionKey);
    if (keys.size > 0 && partitionKeysOf(record).some((key) => keys.has(key))) found.add(record);
  }
  return found;
};

/** What all passes of a batch come to. */
class Total {
  readonly #books: Tally = newTally();
  #conflicts = 0;
  #watermarkMs: number | undefined;
  #largest: LargestItem = { largestItemBytes: 0, largestItemKey: undefined };

  add({
    books,
    conflicts,
    watermarkMs,
    largestItemBytes = 0,
    largestItemKey,
  }: BatchResult & Partial<LargestItem>): void {
    addTo(this.#books, books);
    this.#conflicts += conflicts;
    this.#watermarkMs = lower(this.#watermarkMs, watermarkMs);
    if (largestItemBytes > this.#largest.largestItemBytes) this.#largest = { largestItemBytes, largestItemKey };
  }

  /** Takes out what is processed again, and so booked again. */
  forgetHeld(events: number): void {
    this.#books.in -= events;
    this.#books.held -= events;
  }

  result(): Omit<TakenBatch, 'held' | 'unprocessed'> {
    return { books: this.#books, conflicts: this.#conflicts, watermarkMs: this.#watermarkMs, ...this.#largest };
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
