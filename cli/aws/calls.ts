import { setTimeout } from 'node:timers/promises';
import { retrying, type RetryPolicy } from '../../shared/aws/retry.ts';
import { explainAwsError } from '../../shared/runtime/deployment/aws-error-remedies.ts';
import { CommandError } from '../errors/command-error.ts';

/**
 * Runs calls to AWS and turns its errors into a `CommandError`: what was being done, why it failed, what to do. Any other error
 * passes unchanged.
 *
 * @param doing Words that follow "while": `reading the stack millrace-weather-dev`.
 */
export const withAwsErrors = async <Result>(doing: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    throw awsErrorOf(doing, cause) ?? cause;
  }
};

/** An error of the SDK as a `CommandError`; undefined for any other error. */
export const awsErrorOf = (doing: string, cause: unknown): CommandError | undefined => {
  if (cause instanceof CommandError) return cause;
  const explained = explainAwsError(cause);
  if (explained !== undefined) {
    return new CommandError(`${explained.problem} while ${doing}; ${explained.remedy}`, { cause });
  }
  // Code that retries wraps the last error in one of its own.
  const inner: unknown = cause instanceof Error ? cause.cause : undefined;
  return inner === undefined ? undefined : awsErrorOf(doing, inner);
};

/** How long a command tries one call that fails for reasons which pass. */
const TRY_MS = 60_000;

/** The clock of this machine and real pauses, until `forMs` from now. */
export const retryUntil = (forMs: number): RetryPolicy => {
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
    const result = await retrying(retryUntil(TRY_MS), async (signal) => ({ kind: 'done', value: await call(signal) }));
    if (result.kind === 'done') return result.value;
    failure = result.cause;
  } catch (error) {
    failure = error;
  }
  throw awsErrorOf(doing, failure) ?? failure;
};
