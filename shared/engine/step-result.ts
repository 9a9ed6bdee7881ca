import { isPromise } from '../codec/thenable.ts';
import type { Outputs } from '../processor/outputs.ts';
import type { Processor, StepResult } from '../processor/processor.ts';
import type { Draft } from './item.ts';
import { isTime, MAX_TIME_MS, shown } from './limits.ts';

const OUTCOMES: ReadonlySet<unknown> = new Set([undefined, 'applied', 'filtered', 'late', 'invalid']);

type Result = StepResult<unknown, Outputs>;

/** What a step of plain JavaScript may get wrong is a fault of that step. */
export const checkResult = <Answer extends Result>({ id, keyed }: Processor, result: Answer): Answer => {
  const answer: unknown = result;
  if (typeof answer !== 'object' || answer === null) {
    throw new TypeError(
      `processor '${id}': a step returns an object, got ${shown(answer)}; return {} where nothing changes`,
    );
  }
  if (isPromise(answer)) {
    throw new TypeError(
      `processor '${id}': a step is synchronous and cannot return a promise: look rows up in 'tables'`,
    );
  }
  const { outcome, timerMs, emit } = result;
  if (!OUTCOMES.has(outcome)) {
    throw new TypeError(
      `processor '${id}': outcome must be 'applied', 'filtered', 'late' or 'invalid', got ${shown(outcome)}`,
    );
  }
  if (timerMs !== undefined && timerMs !== 'none' && !isTime(timerMs)) {
    throw new RangeError(
      `processor '${id}': a timer is due at a whole number of milliseconds since 1970, at most ±${String(MAX_TIME_MS)}, got ${shown(timerMs)}; 'none' takes it away`,
    );
  }
  if (typeof timerMs === 'number' && keyed?.timers === undefined) {
    throw new TypeError(
      `processor '${id}': a step returned timerMs ${String(timerMs)} where no timer can fire: give 'timers' and 'onTimer', or leave timerMs out`,
    );
  }
  if (emit !== undefined && (typeof emit !== 'object' || Array.isArray(emit))) {
    throw new TypeError(`processor '${id}': emit must be an object of lists by output name, got ${shown(emit)}`);
  }
  return result;
};

/** Takes a good answer over into the draft. */
export const settle = (draft: Draft, result: Result): void => {
  if (result.state !== undefined) draft.setState(result.state);
  if (result.timerMs === 'none') draft.timerMs = undefined;
  else if (result.timerMs !== undefined) draft.setTimer(result.timerMs);
};
