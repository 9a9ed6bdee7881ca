import { setTimeout } from 'node:timers/promises';
import { retrying, type RetryPolicy } from '../../shared/aws/retry.ts';
import { awsErrorOf } from './aws-error.ts';

/** How long a command tries one call that fails for reasons which pass. */
const TRY_MS = 60_000;

/** The clock of this machine and real pauses, until `forMs` from now. */
export const patienceFor = (forMs: number): RetryPolicy => {
  const deadlineMs = Date.now() + forMs;
  return { nowMs: Date.now, sleep: (ms) => setTimeout(ms), deadlineMs: () => deadlineMs };
};

/**
 * Makes one call of a client that does not retry by itself, for up to a minute. What AWS finally says against it is thrown as a
 * `CommandError`; see `withAwsErrors`.
 */
export const called = async <Value>(doing: string, call: (signal: AbortSignal) => Promise<Value>): Promise<Value> => {
  let failure: unknown;
  try {
    const result = await retrying(patienceFor(TRY_MS), async (signal) => ({ kind: 'done', value: await call(signal) }));
    if (result.kind === 'done') return result.value;
    failure = result.cause;
  } catch (error) {
    failure = error;
  }
  throw awsErrorOf(doing, failure) ?? failure;
};
