import type { Keyed, Processor } from '../processor/processor.ts';
import { advanceOf, aheadOf, type EventOutcome, type Fault, type Partition } from './batch.ts';
import type { DeadLetter } from './dead-letter.ts';
import { Emission, type EmittedDelivery } from './effects.ts';
import { GuardedSteps, type FoldMode } from './guarded-steps.ts';
import { Draft, type Item, type StateFormat } from './item.ts';
import { reread } from './state-format.ts';
import type { TablesFor } from './lookups.ts';
import type { Reached } from './reached-times.ts';
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

/** What folding one partition of a batch comes to: a plain value, made anew by every fold. */
export interface PartitionEffects {
  /** One per event, in order. */
  readonly outcomes: readonly EventOutcome[];
  /** Items that changed. */
  readonly drafts: readonly Draft[];
  readonly emitted: readonly EmittedDelivery[];
  readonly deadLetters: readonly DeadLetter[];
  /** Faults of the events among them, by place. */
  readonly buried: ReadonlyMap<number, Fault>;
  /** How far event time has come after the last event. */
  readonly watermarkMs: number;
  /** Whether a record was emitted under another partition key. */
  readonly isRekeyed: boolean;
  /** How far event time has come in what was emitted, by stream. */
  readonly reached: ReadonlyMap<string, Reached>;
  /** The event whose step asked to hold, and why: nothing from there on was folded. */
  readonly heldFrom: { readonly at: number; readonly because: string } | undefined;
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
  readonly #mode: FoldMode;
  readonly #drafts = new Map<string, Draft>();
  readonly #emission: Emission;
  readonly #steps: GuardedSteps;
  #watermarkMs: number;

  constructor(input: FoldInput, mode: FoldMode) {
    const { processor, format, items, promises, isRekeying } = input;
    this.#input = input;
    this.#processor = processor;
    this.#keyed = processor.keyed;
    this.#mode = mode;
    this.#watermarkMs = input.watermarkMs;
    this.#emission = new Emission({ processor, promises, isRekeying, aheadMs: aheadOf(processor) });
    this.#steps = new GuardedSteps(input, mode, this.#emission);
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
        const outcome = this.#steps.apply(event, at, draft, this.#watermarkMs);
        if (this.#steps.needsCare) return 'again';
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
      if (this.#steps.needsCare) return 'again';
    }
    return this.#effects(outcomes, heldFrom);
  }

  fire(dueMs: number, rearmedDueMs: number): PartitionEffects | 'again' {
    const lastMs = this.#fireDue(new TimerQueue(this.#drafts.values()), dueMs, rearmedDueMs);
    if (this.#steps.needsCare) return 'again';
    this.#watermarkMs = lastMs;
    return this.#effects([], undefined);
  }

  #effects(outcomes: readonly EventOutcome[], heldFrom: PartitionEffects['heldFrom']): PartitionEffects | 'again' {
    const drafts: Draft[] = [];
    for (const draft of this.#drafts.values()) if (draft.changed) drafts.push(draft);
    if (this.#mode === 'trusting' && !drafts.every((draft) => this.#steps.isStorable(draft))) return 'again';
    return {
      outcomes,
      drafts,
      emitted: this.#emission.deliveries(),
      deadLetters: this.#steps.deadLetters,
      buried: this.#steps.buried,
      watermarkMs: this.#watermarkMs,
      isRekeyed: this.#emission.isRekeyed,
      reached: this.#emission.reached,
      heldFrom,
    };
  }

  /** Fires timers due at `dueMs`; one that was set by a firing only at `rearmedDueMs`. Returns the last due time; -Infinity for none. */
  #fireDue(timers: TimerQueue, dueMs: number, rearmedDueMs: number): number {
    let lastMs = -Infinity;
    const firings = new Map<Draft, number>();
    const waiting: Draft[] = [];
    for (let draft = timers.takeDue(dueMs); draft !== undefined; draft = timers.takeDue(dueMs)) {
      const timerMs = draft.timerMs ?? lastMs;
      lastMs = Math.max(lastMs, timerMs);
      this.#steps.fire(draft, timerMs);
      if (this.#steps.needsCare) return lastMs;
      const fired = (firings.get(draft) ?? 0) + 1;
      firings.set(draft, fired);
      const rearmedMs = draft.timerMs ?? Infinity;
      if (rearmedMs <= rearmedDueMs && fired >= MAX_CONSECUTIVE_FIRINGS) draft.setTimer(rearmedDueMs + 1);
      if (rearmedMs > rearmedDueMs && rearmedMs <= dueMs) waiting.push(draft);
      else timers.enter(draft);
    }
    for (const draft of waiting) timers.enter(draft);
    return lastMs;
  }
}
