import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import { attempt } from './attempt.ts';
import type { BatchReader, Share } from './batch-reader.ts';
import type { Discard } from './failure-destination.ts';
import type { Invoke } from './invocation.ts';
import type { DiscardCondition, Happening } from './mapping-events.ts';
import type { CheckedOptions } from './mapping-options.ts';
import { delayMs } from './pending-range.ts';
import type { PendingRange } from './pending-range.ts';
import type { ResponseRules } from './response.ts';
import { settle } from './settle.ts';
import type { TumblingWindow } from './tumbling-window.ts';

/** What a slot works with. */
export interface SlotPorts {
  readonly share: Share;
  readonly options: CheckedOptions;
  readonly rules: ResponseRules;
  readonly invoke: Invoke;
  /** Sends discarded records to the on-failure destination; undefined where there is none. */
  readonly sendDiscard: ((discard: Discard) => Promise<void>) | undefined;
  readonly observe: (happening: Happening, nowMs: number) => void;
}

/** What a slot has taken on and not finished: ranges of records that lie one behind the other, and how far it has come. */
export class PendingWork {
  readonly #ports: SlotPorts;
  readonly #reader: BatchReader;
  readonly #window: TumblingWindow;
  readonly #mostAgeMs: number;
  /** Everything up to here is done; undefined before the first record. */
  position: string | undefined;
  ranges: readonly PendingRange[];

  constructor(
    ports: SlotPorts,
    reader: BatchReader,
    window: TumblingWindow,
    start: { readonly position?: string; readonly pending: readonly PendingRange[] },
  ) {
    this.#ports = ports;
    this.#reader = reader;
    this.#window = window;
    const { maximumRecordAgeInSeconds: age, streamRetentionSeconds } = ports.options;
    this.#mostAgeMs = Math.min(age === -1 ? Number.POSITIVE_INFINITY : age, streamRetentionSeconds) * 1000;
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
      const [range, ...behind] = this.ranges;
      if (range === undefined || nowMs < range.dueMs) return isProgress;
      records ??= this.#reader.reread(this.position, range.through);
      const expired = range.discard === undefined ? this.#countExpired(records, nowMs) : 0;
      if (expired > 0) this.ranges = withExpired(range, behind, records, expired);
      else if (records.length === 0) this.#finish(range, behind);
      else if (range.discard !== undefined) {
        if (!(await this.#discard(range, behind, range.discard, records, nowMs))) return isProgress;
      } else if (isInvoked || this.#window.closingDueMs() !== undefined) return isProgress;
      else {
        await this.#invoke(range, behind, records, nowMs);
        isInvoked = true;
      }
      isProgress = true;
      records = undefined;
    }
  }

  #finish({ through }: PendingRange, behind: readonly PendingRange[]): void {
    this.position = through;
    this.ranges = behind;
  }

  async #invoke(
    range: PendingRange,
    behind: readonly PendingRange[],
    records: readonly DeliveredRecord[],
    nowMs: number,
  ): Promise<void> {
    const { options, share, rules, invoke, observe } = this.#ports;
    const [first] = records;
    if (share.windowStartOf !== undefined && first !== undefined) this.#window.open(share.windowStartOf(first));
    const window = this.#window.forInvocation();
    const batch = { shardId: share.shardId, records };
    const outcome = await attempt(invoke, window === undefined ? batch : { ...batch, window }, rules);
    const { done, pending, happenings } = settle(range, records, outcome, options, nowMs);
    if (done > 0) this.position = done === records.length ? range.through : records[done - 1]?.sequenceNumber;
    this.ranges = [...pending, ...behind];
    const stateText = 'stateText' in outcome ? outcome.stateText : undefined;
    if (stateText !== undefined) this.#window.keep(stateText, nowMs);
    for (const happening of happenings) observe(happening, nowMs);
  }

  /** Times of arrival need not grow within a shard; what lies behind a young record waits for its own turn. */
  #countExpired(records: readonly DeliveredRecord[], nowMs: number): number {
    if (this.#mostAgeMs === Number.POSITIVE_INFINITY) return 0;
    const young = records.findIndex(({ arrivalMs }) => nowMs - arrivalMs <= this.#mostAgeMs);
    return young === -1 ? records.length : young;
  }

  /** Whether the records are away; a destination that fails is tried again, and the slot waits. */
  async #discard(
    range: PendingRange,
    behind: readonly PendingRange[],
    condition: DiscardCondition,
    records: readonly DeliveredRecord[],
    nowMs: number,
  ): Promise<boolean> {
    const { options, share, sendDiscard, observe } = this.#ports;
    const { invocations, lastFailure } = range;
    const [first, ...others] = records;
    try {
      if (first !== undefined && sendDiscard !== undefined) {
        const discard = { condition, invocations, lastFailure, shardId: share.shardId, nowMs };
        await sendDiscard({ ...discard, records: [first, ...others] });
      }
    } catch (error) {
      const waits = range.waits + 1;
      const dueMs = nowMs + delayMs(waits, options);
      this.ranges = [{ ...range, waits, dueMs }, ...behind];
      observe({ kind: 'destination-failed', records: records.length, dueMs, error }, nowMs);
      return false;
    }
    this.#finish(range, behind);
    observe({ kind: 'discarded', records: records.length, condition }, nowMs);
    return true;
  }
}

/** The expired records from the front become a range of their own. */
const withExpired = (
  range: PendingRange,
  behind: readonly PendingRange[],
  records: readonly DeliveredRecord[],
  expired: number,
): readonly PendingRange[] => {
  const last = expired === records.length ? undefined : records[expired - 1];
  const discard = 'RecordAgeExceeded';
  return last === undefined
    ? [{ ...range, discard }, ...behind]
    : [{ ...range, through: last.sequenceNumber, discard }, range, ...behind];
};
