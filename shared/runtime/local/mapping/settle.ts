import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { Happening } from './mapping-events.ts';
import type { DelayOptions, PendingRange } from './pending-range.ts';
import { delayMs } from './pending-range.ts';
import type { Verdict } from './response.ts';

/** How an invocation ended. */
export type Outcome = Verdict | { readonly kind: 'throttled' } | { readonly kind: 'thrown'; readonly reason: string };

/** What follows from it for the batch. */
export interface Settlement {
  /** So many records from the front are done. */
  readonly done: number;
  /** What the others become, in order. */
  readonly pending: readonly PendingRange[];
  readonly happenings: readonly Happening[];
}

/** The options that decide what a failed batch becomes. */
export interface FailurePolicy extends DelayOptions {
  readonly bisectBatchOnFunctionError: boolean;
  readonly maximumRetryAttempts: number;
}

/**
 * Decides what becomes of a batch after an invocation.
 *
 * - A throttled invocation is no attempt: the batch waits.
 * - A partial success keeps what is before the checkpoint. With bisect the cut is a split and costs no retry; without it
 *   the attempt counts, so that a batch is invoked `maximumRetryAttempts + 1` times at most, progress or not.
 * - Any other failure halves the batch where bisect is on and there is something to halve, at once and at no cost; else it
 *   counts as an attempt, and when none is left the rest of the batch goes to the on-failure destination.
 */
export const settle = (
  range: PendingRange,
  records: readonly DeliveredRecord[],
  outcome: Outcome,
  policy: FailurePolicy,
  nowMs: number,
): Settlement => {
  switch (outcome.kind) {
    case 'success':
      return { done: records.length, pending: [], happenings: [delivered(records, records.length)] };
    case 'throttled': {
      const waits = range.waits + 1;
      const dueMs = nowMs + delayMs(waits, policy);
      const happening: Happening = { kind: 'throttled', records: records.length, dueMs };
      return { done: 0, pending: [{ ...range, waits, dueMs }], happenings: [happening] };
    }
    case 'thrown':
      return failed({ ...range, lastFailure: 'thrown' }, records, outcome.reason, policy, nowMs);
    case 'failure':
      return failed({ ...range, lastFailure: 'reported' }, records, outcome.reason, policy, nowMs);
    case 'partial':
      return outcome.index === 0
        ? failed({ ...range, lastFailure: 'reported' }, records, FIRST_REPORTED, policy, nowMs)
        : partlyDone({ ...range, lastFailure: 'reported' }, records, outcome.index, policy, nowMs);
  }
};

const FIRST_REPORTED = 'the first record of the batch was reported';
const PARTLY = 'a record of the batch was reported';

const delivered = (records: readonly DeliveredRecord[], done: number): Happening => ({
  kind: 'delivered',
  records: done,
  newestArrivalMs: records[done - 1]?.arrivalMs ?? 0,
});

const partlyDone = (
  range: PendingRange,
  records: readonly DeliveredRecord[],
  done: number,
  policy: FailurePolicy,
  nowMs: number,
): Settlement => {
  const first = delivered(records, done);
  const rest = records.slice(done);
  if (policy.bisectBatchOnFunctionError) {
    const remainder = { ...range, invocations: range.invocations + 1, waits: 0, dueMs: nowMs };
    const cut: Happening = { kind: 'bisected', records: rest.length, first: rest.length, reason: PARTLY };
    return { done, pending: [remainder], happenings: [first, cut] };
  }
  const { pending, happenings } = attempted(range, rest, PARTLY, policy, nowMs);
  return { done, pending, happenings: [first, ...happenings] };
};

const failed = (
  range: PendingRange,
  records: readonly DeliveredRecord[],
  reason: string,
  policy: FailurePolicy,
  nowMs: number,
): Settlement => {
  const first = Math.ceil(records.length / 2);
  const border = records[first - 1];
  if (!policy.bisectBatchOnFunctionError || records.length < 2 || border === undefined) {
    return attempted(range, records, reason, policy, nowMs);
  }
  const half = { ...range, invocations: range.invocations + 1, waits: 0, dueMs: nowMs };
  return {
    done: 0,
    pending: [{ ...half, through: border.sequenceNumber }, half],
    happenings: [{ kind: 'bisected', records: records.length, first, reason }],
  };
};

const attempted = (
  range: PendingRange,
  records: readonly DeliveredRecord[],
  reason: string,
  policy: FailurePolicy,
  nowMs: number,
): Settlement => {
  const failures = range.failures + 1;
  const waits = range.waits + 1;
  const invocations = range.invocations + 1;
  if (policy.maximumRetryAttempts >= 0 && failures > policy.maximumRetryAttempts) {
    const discard = 'RetryAttemptsExhausted';
    return { done: 0, pending: [{ ...range, failures, invocations, waits: 0, dueMs: nowMs, discard }], happenings: [] };
  }
  const dueMs = nowMs + delayMs(waits, policy);
  return {
    done: 0,
    pending: [{ ...range, failures, invocations, waits, dueMs }],
    happenings: [{ kind: 'retried', records: records.length, failures, dueMs, reason }],
  };
};
