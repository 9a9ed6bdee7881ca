import type { Outputs } from '../processor/outputs.ts';
import type { Keyed, Processor, StepResult, TimerResult } from '../processor/processor.ts';
import { rootShard, sortableTime, timerLane } from '../stream/origin.ts';
import {
  advanceOf,
  aheadOf,
  letterOf,
  recordlessLetter,
  SHARED_PARTITION,
  stepFault,
  wentBack,
  type Event,
  type EventOutcome,
  type Fault,
  type Partition,
} from './batch.ts';
import type { DeadLetter } from './dead-letter.ts';
import { Emission, type PartitionEffects } from './effects.ts';
import { Draft, type Item, type StateFormat } from './item.ts';
import { reread } from './state-format.ts';
import { itemBytes, MAX_STATE_BYTES, tooLarge } from './limits.ts';
import type { TablesFor } from './lookups.ts';
import { checkResult, settle } from './step-result.ts';
import { TimerQueue } from './timer-queue.ts';

/** What one partition is folded from. */
export interface FoldInput {
  readonly processor: Processor;
  /** Undefined in a processor without state. */
  readonly format: StateFormat | undefined;
  readonly partition: Partition;
  /** Items of the keys that this fold is about; events of other keys only move event time. */
  readonly items: ReadonlyMap<string, Item>;
  readonly watermarkMs: number;
  /** Place of the event from which on nothing is folded; Infinity for none. */
  readonly stopsAt: number;
  readonly tablesFor: TablesFor;
  /** Faults found after an earlier fold, by place of the event. */
  readonly faults: ReadonlyMap<number, Fault>;
  /** What records promise that leave under another partition key, by stream. */
  readonly promises: ReadonlyMap<string, number>;
  readonly isRekeying: boolean;
}

/**
 * Applies the events of a partition in order, in memory.
 *
 * A timer fires as soon as event time has come to it, between two events, so it makes no difference where a batch ends. All
 * keys whose timer may come due must be among the items.
 *
 * The first fold trusts steps: it checks what they leave in the end. Where a step failed on a state it may have changed, or a
 * state cannot be stored, the partition is folded again with care, each step on a copy and each state checked, so that the one
 * record at fault becomes a dead letter and no other.
 */
export const foldPartition = (input: FoldInput): PartitionEffects => withCareIfNeeded(input, (fold) => fold.run());

/** Fires what is due at `dueMs` among the items of a partition, without a record. */
export const fireTimers = (input: FoldInput, dueMs: number, rearmedDueMs: number): PartitionEffects =>
  withCareIfNeeded(input, (fold) => fold.fire(dueMs, rearmedDueMs));

const withCareIfNeeded = (input: FoldInput, run: (fold: Fold) => PartitionEffects | 'again'): PartitionEffects => {
  const first = run(new Fold(input, 'trusting'));
  if (first !== 'again') return first;
  const careful = run(new Fold({ ...input, items: reread(input.items, input.format) }, 'careful'));
  if (careful === 'again') throw new Error(`folding processor '${input.processor.id}' with care asked for more care`);
  return careful;
};

/** A timer that sets itself again fires this often between two records at most; then it waits for event time to go on. */
const MAX_CONSECUTIVE_FIRINGS = 1_000;

class Fold {
  readonly #input: FoldInput;
  readonly #processor: Processor;
  readonly #keyed: Keyed | undefined;
  readonly #mode: 'trusting' | 'careful';
  readonly #drafts = new Map<string, Draft>();
  readonly #emission: Emission;
  readonly #deadLetters: DeadLetter[] = [];
  #watermarkMs: number;
  #needsCare = false;

  constructor(input: FoldInput, mode: 'trusting' | 'careful') {
    const { processor, format, items, promises, isRekeying } = input;
    this.#input = input;
    this.#processor = processor;
    this.#keyed = processor.keyed;
    this.#mode = mode;
    this.#watermarkMs = input.watermarkMs;
    this.#emission = new Emission({ processor, promises, isRekeying, aheadMs: aheadOf(processor) });
    if (format !== undefined) for (const [key, item] of items) this.#drafts.set(key, new Draft(item, format));
  }

  run(): PartitionEffects | 'again' {
    const { events } = this.#input.partition;
    const timerOptions = this.#keyed?.timers;
    const timers = timerOptions === undefined ? undefined : new TimerQueue(this.#drafts.values());
    const graceMs = timerOptions?.graceMs ?? 0;
    const aheadMs = aheadOf(this.#processor);
    const outcomes: EventOutcome[] = [];
    let heldFrom: PartitionEffects['heldFrom'];
    let key: string | undefined;
    let draft: Draft | undefined;
    let at = -1;
    for (const event of events) {
      at += 1;
      if (at === this.#input.stopsAt) break;
      if (timers !== undefined && timers.nextMs <= this.#watermarkMs - graceMs) {
        this.#fireDue(timers, this.#watermarkMs - graceMs, this.#watermarkMs - graceMs);
      }
      if (event.key !== key) {
        ({ key } = event);
        draft = key === undefined ? undefined : this.#drafts.get(key);
      }
      // Events of keys that this fold is not about keep the outcome they had.
      if (key !== undefined && draft === undefined) outcomes.push('duplicate');
      else {
        const timerMs = draft?.timerMs;
        const outcome = this.#apply(event, at, draft);
        if (this.#needsCare) return 'again';
        if (typeof outcome !== 'string') {
          heldFrom = { at, because: outcome.error };
          break;
        }
        outcomes.push(outcome);
        if (draft !== undefined && draft.timerMs !== timerMs) timers?.enter(draft);
      }
      if (timers !== undefined && event.fault?.reason !== 'undecodable') {
        const timeMs = advanceOf(event, aheadMs);
        if (timeMs > this.#watermarkMs) this.#watermarkMs = timeMs;
      }
    }
    while (outcomes.length < events.length) outcomes.push('held');
    if (timers !== undefined) {
      this.#fireDue(timers, this.#watermarkMs - graceMs, this.#watermarkMs - graceMs);
      if (this.#needsCare) return 'again';
    }
    return this.#effects(outcomes, heldFrom);
  }

  fire(dueMs: number, rearmedDueMs: number): PartitionEffects | 'again' {
    const lastMs = this.#fireDue(new TimerQueue(this.#drafts.values()), dueMs, rearmedDueMs);
    if (this.#needsCare) return 'again';
    this.#watermarkMs = lastMs;
    return this.#effects([], undefined);
  }

  #effects(outcomes: readonly EventOutcome[], heldFrom: PartitionEffects['heldFrom']): PartitionEffects | 'again' {
    const drafts: Draft[] = [];
    for (const draft of this.#drafts.values()) if (draft.changed) drafts.push(draft);
    if (heldFrom === undefined) this.#compactLedgers(drafts);
    if (this.#mode === 'trusting' && !drafts.every((draft) => this.#isStorable(draft))) return 'again';
    return {
      outcomes,
      drafts,
      emitted: this.#emission.deliveries(),
      deadLetters: this.#deadLetters,
      watermarkMs: this.#watermarkMs,
      isRekeyed: this.#emission.isRekeyed,
      reached: this.#emission.reached,
      heldFrom,
    };
  }

  /** State that many partition keys share: one ledger entry for the shard once the batch has no gap. */
  #compactLedgers(drafts: readonly Draft[]): void {
    const { partition } = this.#input;
    const last = partition.events.at(-1);
    if (partition.partitionKey !== SHARED_PARTITION || this.#keyed?.fanIn !== true || last === undefined) return;
    const shard = last.isForeign ? rootShard(last.lane) : undefined;
    // Where the shard is not known, positions of several may be mixed.
    if (shard?.includes('/') !== true) return;
    for (const draft of drafts) draft.compact(shard, last.position);
  }

  #isStorable(draft: Draft): boolean {
    try {
      this.#checkStorable(draft);
      return true;
    } catch {
      return false;
    }
  }

  #checkStorable(draft: Draft): void {
    const { key, partitionKey } = draft.item;
    const text = draft.text();
    const bytes = itemBytes(partitionKey, key, text, draft.ledger());
    if (bytes > MAX_STATE_BYTES && draft.item.fault === undefined)
      throw new RangeError(tooLarge(this.#processor.id, key, text, bytes));
  }

  /** The outcome of one event; the fault, where its step asked to hold. */
  #apply(event: Event, at: number, draft: Draft | undefined): EventOutcome | Fault {
    if (event.outcome !== undefined) return event.outcome;
    const { lane, position, isForeign } = event;
    if (draft?.item.isOwnedByOther === false && draft.hasApplied(lane, position)) {
      if (!isForeign || !draft.arrivedAfterAll(event.record.arrivalMs)) return 'duplicate';
      this.#bury(event, wentBack(event));
      return 'deadLettered';
    }
    const arrivalMs = isForeign ? event.record.arrivalMs : undefined;
    let fault = this.#input.faults.get(at) ?? event.fault ?? draft?.item.fault;
    if (draft?.item.isOwnedByOther === true && fault !== undefined) {
      this.#bury(event, fault);
      return 'deadLettered';
    }
    if (fault === undefined) {
      const isMutable = draft?.isMutable === true;
      try {
        const outcome = this.#step(event, at, draft);
        draft?.markApplied(position, arrivalMs);
        return outcome;
      } catch (thrown) {
        // The step may have changed the state before it failed: only a fold that works on copies can tell.
        if (isMutable && this.#mode === 'trusting') this.#needsCare = true;
        fault = stepFault(thrown);
      }
    }
    if (fault.reason === 'step-failed' && this.#processor.onFault === 'hold') return fault;
    this.#bury(event, fault);
    draft?.markApplied(position, arrivalMs);
    return 'deadLettered';
  }

  #step(event: Event, at: number, draft: Draft | undefined): EventOutcome {
    const processor = this.#processor;
    const { value, timeMs, partitionKey, input } = event;
    const before = this.#mode === 'careful' ? draft?.snapshot() : undefined;
    try {
      const result = checkResult(
        processor,
        processor.step({
          value,
          input,
          state: before === undefined ? draft?.state : before.state,
          key: event.key ?? partitionKey,
          partitionKey,
          timeMs,
          watermarkMs: this.#watermarkMs,
          tables: this.#input.tablesFor(value, event.record.arrivalMs),
        }),
      );
      if (draft !== undefined && before !== undefined) {
        settle(draft, result);
        this.#checkStorable(draft);
        this.#emit(result, event, at);
      } else {
        this.#emit(result, event, at);
        if (draft !== undefined) settle(draft, result);
      }
      return result.outcome ?? 'applied';
    } catch (thrown) {
      before?.undo();
      throw thrown;
    }
  }

  #emit({ emit }: StepResult<unknown, Outputs>, event: Event, at: number): void {
    if (emit === undefined) return;
    const { lane, position, timeMs, partitionKey, promiseMs, record } = event;
    const advanceMs = this.#input.isRekeying ? advanceOf(event, aheadOf(this.#processor)) : timeMs;
    const { arrivalMs } = record;
    this.#emission.take(emit, { lane, position, timeMs, partitionKey, at, promiseMs, advanceMs, arrivalMs });
  }

  #bury(event: Event, fault: Fault): void {
    this.#deadLetters.push(letterOf(this.#processor, event, fault));
  }

  /** Fires timers due at `dueMs`; one that was set by a firing only at `rearmedDueMs`. Returns the last due time; -Infinity for none. */
  #fireDue(timers: TimerQueue, dueMs: number, rearmedDueMs: number): number {
    let lastMs = -Infinity;
    const firings = new Map<Draft, number>();
    const waiting: Draft[] = [];
    for (let draft = timers.takeDue(dueMs); draft !== undefined; draft = timers.takeDue(dueMs)) {
      const timerMs = draft.timerMs ?? lastMs;
      lastMs = Math.max(lastMs, timerMs);
      this.#fire(draft, timerMs);
      if (this.#needsCare) return lastMs;
      const fired = (firings.get(draft) ?? 0) + 1;
      firings.set(draft, fired);
      if (draft.timerMs === undefined || draft.timerMs > dueMs) timers.enter(draft);
      else if (draft.timerMs > rearmedDueMs) waiting.push(draft);
      else {
        if (fired >= MAX_CONSECUTIVE_FIRINGS) draft.setTimer(dueMs + 1);
        timers.enter(draft);
      }
    }
    for (const draft of waiting) timers.enter(draft);
    return lastMs;
  }

  /**
   * Fires one timer. What goes wrong becomes a dead letter, and whatever of the answer is good is taken: a window that cannot
   * be closed must not keep the next one open. No record asked for it, so it cannot hold a partition.
   */
  #fire(draft: Draft, timerMs: number): void {
    // A timer sees what a reader would: a state that cannot be stored is the fault of the record that left it.
    if (this.#mode === 'trusting' && !this.#isStorable(draft)) {
      this.#needsCare = true;
      return;
    }
    const { key, fault } = draft.item;
    const { partitionKey } = this.#input.partition;
    const position = sortableTime(timerMs);
    const state = draft.text() ?? 'null';
    let lane = timerLane(partitionKey, key);
    const fail = (thrown: unknown): void => {
      const content = `{"key":${JSON.stringify(key)},"timerMs":${String(timerMs)},"state":${state}}`;
      const origin = { lane, position, partitionKey };
      this.#deadLetters.push(recordlessLetter(this.#processor, stepFault(thrown), origin, content));
    };
    draft.markFired(timerMs);
    if (fault !== undefined) {
      fail(new Error(fault.error));
      return;
    }
    const before = this.#mode === 'careful' ? draft.snapshot() : undefined;
    const isMutable = draft.isMutable;
    let result: TimerResult<unknown, Outputs>;
    try {
      lane = timerLane(partitionKey, this.#keyed?.timerKey?.(key) ?? key);
      const given = before === undefined ? draft.state : before.state;
      result = checkResult(this.#processor, this.#keyed?.onTimer?.({ state: given, key, partitionKey, timerMs }) ?? {});
      if (typeof result.timerMs === 'number' && result.timerMs <= timerMs) {
        throw new RangeError(
          `timer of key '${key}' must move forward: it fired at ${String(timerMs)} and asked for ${String(result.timerMs)}`,
        );
      }
      settle(draft, result);
      if (before !== undefined) this.#checkStorable(draft);
    } catch (thrown) {
      if (isMutable && this.#mode === 'trusting') this.#needsCare = true;
      before?.undo();
      fail(thrown);
      return;
    }
    if (result.fault !== undefined) fail(result.fault);
    if (result.emit === undefined) return;
    try {
      const cause = { lane, position, timeMs: timerMs, partitionKey, at: -1, promiseMs: undefined };
      this.#emission.take(result.emit, { ...cause, advanceMs: timerMs, arrivalMs: Infinity });
    } catch (thrown) {
      fail(thrown);
    }
  }
}
