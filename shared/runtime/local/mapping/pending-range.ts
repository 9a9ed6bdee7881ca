import type { DiscardCondition } from './mapping-events.ts';

/**
 * Records that were delivered and are not done: they begin behind the slot's position (or behind the range before this
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
