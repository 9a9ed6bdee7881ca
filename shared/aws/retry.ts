import { isThrottlingError, isTransientError } from '@smithy/core/retry';

/** How long something is retried, and by which clock. */
export interface RetryPolicy {
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** No attempt starts at or after this time, in milliseconds since 1970; one that is still running then is aborted. */
  readonly deadlineMs: () => number;
  /** The longest one attempt may take, so that a call that hangs can be made again. @default 10000 */
  readonly attemptMs?: number;
  /** Spreads the pauses; 0 (inclusive) to 1. @default Math.random */
  readonly random?: () => number;
}

/** The result of one attempt. */
export type Attempt<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  /** Not all of it is done yet. After an attempt that made progress the pauses start small again. */
  | { readonly kind: 'again'; readonly cause: unknown; readonly progressed?: boolean };

/** The result of all attempts; `cause` is why the last one was not enough. */
export type Retried<Value> =
  { readonly kind: 'done'; readonly value: Value } | { readonly kind: 'gave-up'; readonly cause: unknown };

const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;

/**
 * Repeats an attempt until it is done or the deadline is near, with random, growing pauses of 5 seconds at most. An attempt
 * that throws is repeated if the error {@link isTransient}; any other error rejects, because a retry cannot cure it.
 *
 * Pass the signal on to what the attempt calls. An aborted call may still have taken effect.
 */
export const retrying = async <Value>(
  policy: RetryPolicy,
  attempt: (signal: AbortSignal) => Promise<Attempt<Value>>,
): Promise<Retried<Value>> => {
  const { nowMs, sleep, deadlineMs, attemptMs = 10_000, random = Math.random } = policy;
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
      if (!signal.aborted && !isTransient(error)) throw error;
      cause = error;
      failures += 1;
    }
    const pauseMs = random() * Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** (failures - 1));
    if (nowMs() + pauseMs >= deadlineMs()) return { kind: 'gave-up', cause };
    await sleep(pauseMs);
  }
};

/**
 * Whether an error of an AWS client goes away by itself: throttling, a fault of the service, a network that failed. A missing
 * resource, a missing permission and a bad request do not.
 */
export const isTransient = (error: unknown): boolean =>
  isSdkError(error) &&
  (isThrottlingError(error) ||
    isTransientError(error) ||
    TRANSIENT_NAMES.has(error.name) ||
    ('code' in error && String(error.code).startsWith('ERR_HTTP2_')) ||
    error.message.includes(NO_HTTP2_ANSWER));

const isSdkError = (error: unknown): error is Parameters<typeof isThrottlingError>[0] =>
  error instanceof Error && (error.cause === undefined || error.cause instanceof Error);

/** What the SDK's own list lacks: entries of a partly failed call, and throttling by KMS that is passed on. */
const TRANSIENT_NAMES: ReadonlySet<string> = new Set(['InternalFailure', 'KMSThrottlingException', 'KMSThrottling']);

/** What the SDK throws, without any code, when an HTTP/2 connection ends under a request. */
const NO_HTTP2_ANSWER = 'http2 request did not get a response';
