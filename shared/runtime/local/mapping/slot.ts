import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import { BatchReader } from './batch-reader.ts';
import { LambdaWindow } from './lambda-window.ts';
import type { SlotSnapshot } from './mapping-snapshot.ts';
import { PendingWork } from './pending-work.ts';
import type { SlotPorts } from './pending-work.ts';
import { attempt } from './response.ts';
import { freshRange, type PendingRange } from './settle.ts';

/**
 * One unit of parallelisation of one shard: it delivers its records in order, one batch at a time, and does not go on
 * before the batch in hand is done or discarded.
 */
export class Slot {
  readonly #ports: SlotPorts;
  readonly #reader: BatchReader;
  readonly #window: LambdaWindow;
  readonly #work: PendingWork;
  /** Whether the first record at or after the starting timestamp is still to come. */
  #isSearching: boolean;
  /** When the first record of the batch being gathered was seen. */
  #gatheringSinceMs: number | undefined;
  #isBusy = false;
  #isDrained = false;

  constructor(ports: SlotPorts, start: SlotSnapshot) {
    this.#ports = ports;
    this.#reader = new BatchReader(ports.slice);
    this.#window = new LambdaWindow(ports.options.tumblingWindowInSeconds * 1000, start.window);
    this.#work = new PendingWork(ports, this.#reader, this.#window, start);
    this.#isSearching = start.isSearching;
    this.#startBatch();
  }

  /** Everything up to here is done; undefined before the first record. */
  get position(): string | undefined {
    return this.#work.position;
  }

  /** Whether the shard is closed and nothing of it is left to do. */
  get isDrained(): boolean {
    return this.#isDrained;
  }

  /** Whether nothing is left to do until a record is put. */
  get isResting(): boolean {
    if (this.#isBusy || this.#work.ranges.length > 0 || this.#window.endMsExclusive !== undefined) return false;
    return this.#isDrained || (this.#reader.isExhausted && this.#reader.records.length === 0);
  }

  snapshot(): SlotSnapshot {
    const { position, ranges } = this.#work;
    return {
      ...(position === undefined ? {} : { position }),
      isSearching: this.#isSearching,
      pending: ranges,
      ...(this.#window.snapshot === undefined ? {} : { window: this.#window.snapshot }),
    };
  }

  /** When there will be something to do even if nothing is put; undefined if there will not, or if it is being done. */
  nextDueMs(): number | undefined {
    if (this.#isBusy) return undefined;
    const [first] = this.#work.ranges;
    const dueMs =
      this.#window.closingDueMs() ??
      first?.dueMs ??
      Math.min(this.#batchDueMs(), this.#window.endMsExclusive ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(dueMs) ? dueMs : undefined;
  }

  /** Delivers the batch that is due, if one is; whether anything changed. `isClosed`: nothing will be put here any more. */
  async step(nowMs: number, isClosed: boolean): Promise<boolean> {
    if (this.#isBusy || this.#isDrained) return false;
    this.#isBusy = true;
    try {
      if (this.#window.closingDueMs() !== undefined) return await this.#closeWindow(nowMs);
      if (this.#work.ranges.length > 0) return await this.#run(undefined, nowMs);
      const before = this.#work.position;
      const fresh = this.#gather(nowMs, isClosed);
      if (fresh !== undefined) return await this.#run(fresh, nowMs);
      const isClosing = this.#window.closingDueMs() !== undefined && (await this.#closeWindow(nowMs));
      return isClosing || this.#isDrained || this.#work.position !== before;
    } finally {
      this.#isBusy = false;
    }
  }

  async #run(fresh: readonly DeliveredRecord[] | undefined, nowMs: number): Promise<boolean> {
    const isProgress = await this.#work.run(fresh, nowMs);
    if (this.#work.ranges.length === 0) this.#startBatch();
    return isProgress;
  }

  #startBatch(): void {
    this.#reader.reset(this.#work.position, this.#window.stateBytes);
    this.#gatheringSinceMs = undefined;
  }

  /** When a batch that is not full is closed: its batching window ends, or its tumbling window does. */
  #batchDueMs(): number {
    const { options, slice } = this.#ports;
    const [first] = this.#reader.records;
    if (this.#gatheringSinceMs === undefined || first === undefined) return Number.POSITIVE_INFINITY;
    const dueMs = this.#gatheringSinceMs + options.maximumBatchingWindowSeconds * 1000;
    if (slice.windowStartOf === undefined) return dueMs;
    const startMs = this.#window.startMs ?? slice.windowStartOf(first);
    return Math.min(dueMs, startMs + options.tumblingWindowInSeconds * 1000);
  }

  /** The records of the next batch once it is closed; they are pending work then. */
  #gather(nowMs: number, isClosed: boolean): readonly DeliveredRecord[] | undefined {
    const { options, observe } = this.#ports;
    const reader = this.#reader;
    if (options.maximumBatchingWindowSeconds === 0 && !this.#isSearching) {
      const all = reader.takeAll();
      const last = all?.at(-1);
      if (all !== undefined && last !== undefined) return this.#begin(all, freshRange(last.sequenceNumber, nowMs));
      if (all !== undefined) {
        this.#rest(isClosed, nowMs);
        return undefined;
      }
    }
    const startsAtMs = this.#isSearching ? options.startingPositionTimestampMs : undefined;
    this.#isSearching = !reader.gather(startsAtMs, this.#window.startMs);
    if (reader.filtered > 0) observe({ kind: 'filtered', records: reader.filtered }, nowMs);
    this.#work.position = reader.before;
    const isAtEnd = isClosed && reader.isExhausted;
    if (reader.records.length === 0 || reader.through === undefined) {
      this.#rest(isAtEnd, nowMs);
      return undefined;
    }
    this.#gatheringSinceMs ??= nowMs;
    if (!reader.isFull && !isAtEnd && nowMs < this.#batchDueMs()) return undefined;
    const range = freshRange(reader.through, nowMs);
    return this.#begin(reader.records, reader.isTooLarge ? { ...range, discard: 'PayloadTooLarge' } : range);
  }

  #begin(records: readonly DeliveredRecord[], range: PendingRange): readonly DeliveredRecord[] {
    this.#work.ranges = [range];
    return records;
  }

  /** Nothing to deliver: perhaps the window or the shard is at its end. */
  #rest(isAtEnd: boolean, nowMs: number): void {
    const { isNextWindow, isExhausted } = this.#reader;
    const { endMsExclusive } = this.#window;
    if (endMsExclusive === undefined) this.#isDrained = isAtEnd;
    else if (isNextWindow || isAtEnd || (isExhausted && nowMs >= endMsExclusive)) this.#window.close(nowMs);
  }

  async #closeWindow(nowMs: number): Promise<boolean> {
    const { options, slice, rules, invoke, observe } = this.#ports;
    const window = this.#window.forInvocation();
    if (window === undefined || nowMs < (this.#window.closingDueMs() ?? nowMs)) return false;
    const outcome = await attempt(invoke, { shardId: slice.shardId, records: [], window }, rules);
    const event = this.#window.settleClosing(outcome, options, nowMs);
    if (this.#work.ranges.length === 0) this.#startBatch();
    if (event !== undefined) observe(event, nowMs);
    return true;
  }
}
