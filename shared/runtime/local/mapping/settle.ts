import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { DiscardCondition, MappingEventDetail } from './mapping-events.ts';
import type { SilentRules } from './mapping-options.ts';
import type { InvocationOutcome } from './response.ts';

/**
 * Records that were delivered and are not done: they begin after the slot's position (or after the range before this
 * one) and end with `through`. Plain JSON, because it is part of the checkpoint.
 */
export interface PendingRange {
  readonly through: string;
  /** Failed attempts that count against the retry limit. */
  readonly failures: number;
  /** Invocations that these records were part of, also as a part of a larger batch. */
  readonly invocations: number;
  /** Delays in a row, which decide how long the next one is. */
  readonly waits: number;
  readonly dueMs: number;
  readonly lastFailure?: 'thrown' | 'reported';
  /** Set when no attempt is left: the records wait for the on-failure destination. */
  readonly discard?: DiscardCondition;
}

/** A batch that was never tried. */
export const freshRange = (through: string, nowMs: number): PendingRange => ({
  through,
  failures: 0,
  invocations: 0,
  waits: 0,
  dueMs: nowMs,
});

/** Delays between attempts: they double, up to a limit. */
export interface DelayOptions {
  readonly retryDelayMs: number;
  readonly maximumRetryDelayMs: number;
}

/** The n-th delay in a row, from 1. */
export const delayMs = (wait: number, { retryDelayMs, maximumRetryDelayMs }: DelayOptions): number =>
  Math.min(maximumRetryDelayMs, retryDelayMs * 2 ** (wait - 1));

/** What an invocation means for its batch. */
export interface Settlement {
  /** How many records from the front are done. */
  readonly done: number;
  /** What the others become, in order. */
  readonly pending: readonly PendingRange[];
  readonly events: readonly MappingEventDetail[];
}

/** The options that decide how a failed batch continues. */
export interface FailurePolicy extends DelayOptions {
  readonly bisectBatchOnFunctionError: boolean;
  readonly maximumRetryAttempts: number;
  readonly silent: Pick<SilentRules, 'firstRecordReported' | 'retries' | 'remainder'>;
}

/** How soon a poller that does not wait calls again. */
const AT_ONCE_MS = 100;

/**
 * Decides how a batch continues after an invocation.
 *
 * - A throttled invocation is no attempt: the batch waits.
 * - A partial success keeps what is before the checkpoint. With bisect the cut is a split and costs no retry; without it the
 *   attempt counts.
 * - Any other failure halves a batch of two records or more where bisect is on, at once and at no cost; else it counts as an
 *   attempt, and when none is left the rest of the batch goes to the failure destination.
 */
export const settle = (
  range: PendingRange,
  records: readonly DeliveredRecord[],
  outcome: InvocationOutcome,
  policy: FailurePolicy,
  nowMs: number,
): Settlement => {
  switch (outcome.kind) {
    case 'success':
      return { done: records.length, pending: [], events: [delivered(records, records.length)] };
    case 'throttled': {
      const waits = range.waits + 1;
      const dueMs = nowMs + delayMs(waits, policy);
      const event: MappingEventDetail = { kind: 'throttled', records: records.length, dueMs };
      return { done: 0, pending: [{ ...range, waits, dueMs }], events: [event] };
    }
    case 'thrown':
      return failed({ ...range, lastFailure: 'thrown' }, records, outcome.reason, policy, nowMs);
    case 'failure':
      return failed({ ...range, lastFailure: 'reported' }, records, outcome.reason, policy, nowMs);
    case 'partial':
      return outcome.index === 0
        ? firstReported({ ...range, lastFailure: 'reported' }, records, policy, nowMs)
        : partlyDone({ ...range, lastFailure: 'reported' }, records, outcome.index, policy, nowMs);
  }
};

const FIRST_REPORTED = 'the first record of the batch was reported';
const PARTLY = 'a record of the batch was reported';

const delivered = (records: readonly DeliveredRecord[], done: number): MappingEventDetail => ({
  kind: 'delivered',
  records: done,
  newestArrivalMs: records[done - 1]?.arrivalMs ?? 0,
});

/** The cut at the first record cuts off nothing: literally, the whole batch remains. */
const firstReported = (
  range: PendingRange,
  records: readonly DeliveredRecord[],
  policy: FailurePolicy,
  nowMs: number,
): Settlement =>
  policy.silent.firstRecordReported === 'halved'
    ? failed(range, records, FIRST_REPORTED, policy, nowMs)
    : attempted(range, records, FIRST_REPORTED, policy, nowMs);

/** What is left of a batch, with the failures that count against it from here on. */
const remainderOf = (range: PendingRange, { silent }: FailurePolicy): PendingRange =>
  silent.remainder === 'restarts' ? { ...range, failures: 0 } : range;

const partlyDone = (
  range: PendingRange,
  records: readonly DeliveredRecord[],
  done: number,
  policy: FailurePolicy,
  nowMs: number,
): Settlement => {
  const first = delivered(records, done);
  const rest = records.slice(done);
  const left = remainderOf(range, policy);
  if (policy.bisectBatchOnFunctionError) {
    const remainder = { ...left, invocations: range.invocations + 1, waits: 0, dueMs: nowMs };
    const cut: MappingEventDetail = { kind: 'bisected', records: rest.length, first: rest.length, reason: PARTLY };
    return { done, pending: [remainder], events: [first, cut] };
  }
  const { pending, events } = attempted(left, rest, PARTLY, policy, nowMs);
  return { done, pending, events: [first, ...events] };
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
  const half = { ...remainderOf(range, policy), invocations: range.invocations + 1, waits: 0, dueMs: nowMs };
  return {
    done: 0,
    pending: [{ ...half, through: border.sequenceNumber }, half],
    events: [{ kind: 'bisected', records: records.length, first, reason }],
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
    return { done: 0, pending: [{ ...range, failures, invocations, waits: 0, dueMs: nowMs, discard }], events: [] };
  }
  const dueMs = nowMs + (policy.silent.retries === 'back-off' ? delayMs(waits, policy) : AT_ONCE_MS);
  return {
    done: 0,
    pending: [{ ...range, failures, invocations, waits, dueMs }],
    events: [{ kind: 'retried', records: records.length, failures, dueMs, reason }],
  };
};
