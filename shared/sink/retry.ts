import { isThrottlingError, isTransientError } from '@smithy/core/retry';

/** How long something is tried, and by which clock. */
export interface Patience {
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** No attempt starts at or after this time, in milliseconds since 1970; one that is still running then is aborted. */
  readonly deadlineMs: () => number;
  /** Longest time one attempt may take, so that a call that hangs can be tried again. @default 10000 */
  readonly attemptMs?: number;
  /** Spreads the waiting times; 0 (inclusive) to 1. @default Math.random */
  readonly random?: () => number;
}

/** What one attempt came to. */
export type Attempt<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  /** Not all of it is done yet. After an attempt that achieved something the waiting times start small again. */
  | { readonly kind: 'again'; readonly cause: unknown; readonly progressed?: boolean };

/** What all attempts came to; `cause` is why the last one was not enough. */
export type Retried<Value> =
  { readonly kind: 'done'; readonly value: Value } | { readonly kind: 'gave-up'; readonly cause: unknown };

/**
 * Repeats an attempt until it is done or the deadline is near, with random, growing pauses of 5 seconds at most. An attempt
 * that throws is repeated if {@link isPassing} says so; what else it throws, a repetition cannot cure and rejects.
 *
 * Pass the signal on to what the attempt calls. What it aborts may have happened all the same.
 */
export const retrying = async <Value>(
  patience: Patience,
  attempt: (signal: AbortSignal) => Promise<Attempt<Value>>,
): Promise<Retried<Value>> => {
  const { nowMs, sleep, deadlineMs, attemptMs = 10_000, random = Math.random } = patience;
  let cause: unknown = new Error('no time was left for a first attempt');
  for (let failures = 0; ;) {
    const leftMs = deadlineMs() - nowMs();
    if (leftMs <= 0) return { kind: 'gave-up', cause };
    const signal = AbortSignal.timeout(Math.ceil(Math.min(leftMs, attemptMs)));
    try {
      const result = await attempt(signal);
      if (result.kind === 'done') return result;
      cause = result.cause;
      failures = result.progressed === true ? 1 : failures + 1;
    } catch (error) {
      if (!signal.aborted && !isPassing(error)) throw error;
      cause = error;
      failures += 1;
    }
    const pauseMs = random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    if (nowMs() + pauseMs >= deadlineMs()) return { kind: 'gave-up', cause };
    await sleep(pauseMs);
  }
};

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Whether an error of an AWS client passes by itself: throttling, a fault of the service, a network that failed. A missing
 * resource, a missing permission or a request that is wrong does not.
 */
export const isPassing = (error: unknown): boolean =>
  isSdkError(error) &&
  (isThrottlingError(error) ||
    isTransientError(error) ||
    PASSING_NAMES.has(error.name) ||
    ('code' in error && String(error.code).startsWith('ERR_HTTP2_')) ||
    error.message.includes(NO_HTTP2_ANSWER));

const isSdkError = (error: unknown): error is Parameters<typeof isThrottlingError>[0] =>
  error instanceof Error && (error.cause === undefined || error.cause instanceof Error);

/** What the SDK's own list does not have: entries of a partly failed call, and throttling by KMS that is passed on. */
const PASSING_NAMES: ReadonlySet<string> = new Set(['InternalFailure', 'KMSThrottlingException', 'KMSThrottling']);

/** What the SDK throws, without any code, when an HTTP/2 connection ends under a request. */
const NO_HTTP2_ANSWER = 'http2 request did not get a response';
