import type { Outputs } from '../processor/outputs.ts';
import type { Keyed, Processor, StepResult, TimerResult } from '../processor/processor.ts';
import { sortableTime, timerLane } from '../stream/origin.ts';
import {
  advanceOf,
  aheadOf,
  letterOf,
  recordlessLetter,
  stepFault,
  wentBack,
  type Event,
  type EventOutcome,
  type Fault,
} from './batch.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Emission } from './effects.ts';
import type { FoldInput } from './fold.ts';
import type { Draft } from './item.ts';
import { MAX_STATE_BYTES, tooLarge } from './limits.ts';
import { checkResult, settle } from './step-result.ts';

/** Whether states are checked when all events are folded, or after every step, which then works on a copy. */
export type FoldMode = 'trusting' | 'careful';

/**
 * Runs the user code of one fold, each call in a boundary of its own: what a step or a timer gets wrong becomes the outcome of
 * one record, or a dead letter, and nothing of its answer is taken.
 */
export class GuardedSteps {
  readonly deadLetters: DeadLetter[] = [];
  /** Faults of the events that became dead letters, by place. */
  readonly buried = new Map<number, Fault>();
  /** Whether a step failed on a state that it may have changed: only a fold with care can tell what the state was. */
  needsCare = false;
  readonly #input: FoldInput;
  readonly #processor: Processor;
  readonly #keyed: Keyed | undefined;
  readonly #mode: FoldMode;
  readonly #emission: Emission;

  constructor(input: FoldInput, mode: FoldMode, emission: Emission) {
    this.#input = input;
    this.#processor = input.processor;
    this.#keyed = input.processor.keyed;
    this.#mode = mode;
    this.#emission = emission;
  }

  /** The outcome of one event; the fault, where its step asked to hold. */
  apply(event: Event, at: number, draft: Draft | undefined, watermarkMs: number): EventOutcome | Fault {
    if (event.outcome !== undefined) return event.outcome;
    const { lane, position, isForeign } = event;
    if (draft?.item.isOwnedByOther === false && draft.hasApplied(lane, position)) {
      if (!isForeign || !draft.arrivedAfterAll(event.record.arrivalMs)) return 'duplicate';
      this.#bury(event, at, wentBack(event));
      return 'deadLettered';
    }
    let fault = this.#input.faults.get(at) ?? event.fault ?? draft?.item.fault;
    if (draft?.item.isOwnedByOther === true && fault !== undefined) {
      this.#bury(event, at, fault);
      return 'deadLettered';
    }
    if (fault === undefined) {
      const isMutable = draft?.isMutable === true;
      try {
        return this.#step(event, at, draft, watermarkMs);
      } catch (thrown) {
        // The step may have changed the state before it failed: only a fold that works on copies can tell.
        if (isMutable && this.#mode === 'trusting') this.needsCare = true;
        fault = stepFault(thrown);
      }
    }
    if (fault.reason === 'step-failed' && this.#processor.onFault === 'hold') return fault;
    this.#bury(event, at, fault);
    if (draft !== undefined) this.#markBuried(draft, event);
    return 'deadLettered';
  }

  /** A ledger that is full has no room for the lane of a dead letter: a repeat of the record makes the same letter then. */
  #markBuried(draft: Draft, { position, isForeign, record }: Event): void {
    const before = draft.lastApplied;
    draft.markApplied(position, isForeign ? record.arrivalMs : undefined);
    if (this.#mode === 'careful' && !this.isStorable(draft)) draft.unmarkApplied(before);
  }

  #step(event: Event, at: number, draft: Draft | undefined, watermarkMs: number): EventOutcome {
    const processor = this.#processor;
    const { value, timeMs, partitionKey, input } = event;
    const arrivalMs = event.isForeign ? event.record.arrivalMs : undefined;
    const before = this.#mode === 'careful' ? draft?.snapshot() : undefined;
    const lastApplied = draft?.lastApplied;
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
          watermarkMs,
          tables: this.#input.tablesFor(value, event.record.arrivalMs),
        }),
      );
      if (draft !== undefined && before !== undefined) {
        settle(draft, result);
        draft.markApplied(event.position, arrivalMs);
        this.#checkStorable(draft);
        this.#emit(result, event, at);
      } else {
        this.#emit(result, event, at);
        if (draft !== undefined) {
          settle(draft, result);
          draft.markApplied(event.position, arrivalMs);
        }
      }
      return result.outcome ?? 'applied';
    } catch (thrown) {
      if (before !== undefined) {
        before.undo();
        draft?.unmarkApplied(lastApplied);
      }
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

  #bury(event: Event, at: number, fault: Fault): void {
    this.buried.set(at, fault);
    this.deadLetters.push(letterOf(this.#processor, event, fault));
  }

  /**
   * Fires one timer. What goes wrong becomes a dead letter, and whatever of the answer is good is taken: a window that cannot
   * be closed must not keep the next one open. No record asked for it, so it cannot hold a partition.
   */
  fire(draft: Draft, timerMs: number): void {
    // A timer sees what a reader would: a state that cannot be stored is the fault of the record that left it.
    if (this.#mode === 'trusting' && !this.isStorable(draft)) {
      this.needsCare = true;
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
      this.deadLetters.push(recordlessLetter(this.#processor, stepFault(thrown), origin, content));
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
      if (isMutable && this.#mode === 'trusting') this.needsCare = true;
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

  /** Whether a state can be written as it is now. */
  isStorable(draft: Draft): boolean {
    try {
      this.#checkStorable(draft);
      return true;
    } catch {
      return false;
    }
  }

  #checkStorable(draft: Draft): void {
    const bytes = draft.bytes();
    if (bytes > MAX_STATE_BYTES && draft.item.fault === undefined) {
      throw new RangeError(tooLarge(this.#processor.id, draft.item.key, draft.text(), bytes));
    }
  }
}
