import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { BatchReader, ShardSlice } from './batch-reader.ts';
import type { Discard } from './failure-destination.ts';
import type { Invoke } from './invocation.ts';
import type { LambdaWindow } from './lambda-window.ts';
import type { DiscardCondition, MappingEventDetail } from './mapping-events.ts';
import type { CheckedOptions } from './mapping-options.ts';
import { attempt, type ResponseRules } from './response.ts';
import { delayMs, settle, type PendingRange } from './settle.ts';

/** What a slot works with. */
export interface SlotPorts {
  readonly slice: ShardSlice;
  readonly options: CheckedOptions;
  readonly rules: ResponseRules;
  readonly invoke: Invoke;
  /** Sends discarded records to the on-failure destination; undefined without one. */
  readonly sendDiscard: ((discard: Discard) => Promise<void>) | undefined;
  readonly observe: (event: MappingEventDetail, nowMs: number) => void;
}

/** What a slot has taken on and not finished: ranges of records, one after the other, and how far it has come. */
export class PendingWork {
  readonly #ports: SlotPorts;
  readonly #reader: BatchReader;
  readonly #window: LambdaWindow;
  readonly #maxAgeMs: number;
  readonly #retentionMs: number;
  /** Everything up to here is done; undefined before the first record. */
  position: string | undefined;
  ranges: readonly PendingRange[];

  constructor(
    ports: SlotPorts,
    reader: BatchReader,
    window: LambdaWindow,
    start: { readonly position?: string; readonly pending: readonly PendingRange[] },
  ) {
    this.#ports = ports;
    this.#reader = reader;
    this.#window = window;
    const { maximumRecordAgeInSeconds: age, streamRetentionSeconds } = ports.options;
    this.#maxAgeMs = age === -1 ? Number.POSITIVE_INFINITY : age * 1000;
    this.#retentionMs = streamRetentionSeconds * 1000;
    this.position = start.position;
    this.ranges = start.pending;
  }

  /**
   * Works from the front: any number of discards, at most one invocation. Answers whether anything changed.
   *
   * `fresh`: the records of the first range, if they are at hand.
   */
  async run(fresh: readonly DeliveredRecord[] | undefined, nowMs: number): Promise<boolean> {
    let records = fresh;
    let isInvoked = false;
    let isProgress = false;
    for (;;) {
      const [range, ...rest] = this.ranges;
      if (range === undefined || nowMs < range.dueMs) return isProgress;
      records ??= this.#reader.reread(this.position, range.through);
      const old = range.discard === undefined ? this.#tooOld(records, nowMs) : undefined;
      if (old !== undefined) this.ranges = withDiscard(range, rest, records, old);
      else if (records.length === 0) this.#finish(range, rest);
      else if (range.discard !== undefined) {
        if (!(await this.#discard(range, rest, range.discard, records, nowMs))) return isProgress;
      } else if (isInvoked || this.#window.closingDueMs() !== undefined) return isProgress;
      else {
        await this.#invoke(range, rest, records, nowMs);
        isInvoked = true;
      }
      isProgress = true;
      records = undefined;
    }
  }

  #finish({ through }: PendingRange, rest: readonly PendingRange[]): void {
    this.position = through;
    this.ranges = rest;
  }

  async #invoke(
    range: PendingRange,
    rest: readonly PendingRange[],
    records: readonly DeliveredRecord[],
    nowMs: number,
  ): Promise<void> {
    const { options, slice, rules, invoke, observe } = this.#ports;
    const [first] = records;
    if (slice.windowStartOf !== undefined && first !== undefined) this.#window.open(slice.windowStartOf(first));
    const window = this.#window.forInvocation();
    const batch = { shardId: slice.shardId, records };
    const outcome = await attempt(invoke, window === undefined ? batch : { ...batch, window }, rules);
    const { done, pending, events } = settle(range, records, outcome, options, nowMs);
    if (done > 0) this.position = done === records.length ? range.through : records[done - 1]?.sequenceNumber;
    this.ranges = [...pending, ...rest];
    const stateText = 'stateText' in outcome ? outcome.stateText : undefined;
    if (stateText !== undefined) this.#window.keep(stateText, nowMs);
    for (const event of events) observe(event, nowMs);
  }

  /** Times of arrival need not grow within a shard; what follows a young record waits for its own turn. */
  #tooOld(records: readonly DeliveredRecord[], nowMs: number): TooOld | undefined {
    const { recordClock, silent } = this.#ports.options;
    const clockMs = recordClock(nowMs);
    const isLost = silent.expired === 'lost';
    if (isLost) {
      const lost = countOlder(records, clockMs - this.#retentionMs);
      if (lost > 0) return { count: lost, condition: 'Expired' };
    }
    const count = countOlder(
      records,
      clockMs - (isLost ? this.#maxAgeMs : Math.min(this.#maxAgeMs, this.#retentionMs)),
    );
    return count === 0 ? undefined : { count, condition: 'RecordAgeExceeded' };
  }

  /** Whether the range is finished; it is not while a destination that failed is to be tried again. */
  async #discard(
    range: PendingRange,
    rest: readonly PendingRange[],
    condition: DiscardCondition,
    records: readonly DeliveredRecord[],
    nowMs: number,
  ): Promise<boolean> {
    const { options, slice, sendDiscard, observe } = this.#ports;
    const { invocations, lastFailure } = range;
    const [first, ...others] = records;
    try {
      if (first !== undefined && sendDiscard !== undefined && condition !== 'Expired') {
        const discard = { condition, invocations, lastFailure, shardId: slice.shardId, nowMs };
        await sendDiscard({ ...discard, records: [first, ...others] });
      }
    } catch (error) {
      if (options.silent.destination === 'once') {
        observe({ kind: 'destination-failed', records: records.length, dueMs: undefined, error }, nowMs);
        this.#finish(range, rest);
        return true;
      }
      const waits = range.waits + 1;
      const dueMs = nowMs + delayMs(waits, options);
      this.ranges = [{ ...range, waits, dueMs }, ...rest];
      observe({ kind: 'destination-failed', records: records.length, dueMs, error }, nowMs);
      return false;
    }
    this.#finish(range, rest);
    observe({ kind: 'discarded', records: records.length, condition }, nowMs);
    return true;
  }
}

/** How many records from the front are too old, and what that means for them. */
interface TooOld {
  readonly count: number;
  readonly condition: DiscardCondition;
}

const countOlder = (records: readonly DeliveredRecord[], thanMs: number): number => {
  if (thanMs === -Infinity) return 0;
  const young = records.findIndex(({ arrivalMs }) => arrivalMs >= thanMs);
  return young === -1 ? records.length : young;
};

/** The records from the front that are too old become a range of their own. */
const withDiscard = (
  range: PendingRange,
  rest: readonly PendingRange[],
  records: readonly DeliveredRecord[],
  { count, condition: discard }: TooOld,
): readonly PendingRange[] => {
  const last = count === records.length ? undefined : records[count - 1];
  return last === undefined
    ? [{ ...range, discard }, ...rest]
    : [{ ...range, through: last.sequenceNumber, discard }, range, ...rest];
};
