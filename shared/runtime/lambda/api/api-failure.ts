import { isTransient } from '../../../aws/retry.ts';
import { ApiError } from './api-error.ts';

/** Middy's own, shortly before Lambda ends the invocation; and what the SDK throws when a call is given up. */
const TIMED_OUT: ReadonlySet<string> = new Set(['AbortError', 'TimeoutError']);

const RETRY_SOON: Readonly<Record<string, string>> = { 'retry-after': '1' };

/** What a client is told of whatever was thrown. Only an {@link ApiError} speaks for itself; the rest is no client's business. */
export const apiFailure = (thrown: unknown): ApiError => {
  if (thrown instanceof ApiError) return thrown;
  // Where all retries were in vain, what the last one met is the cause.
  const errors = [thrown, ...(thrown instanceof Error ? [thrown.cause] : [])].filter((one) => one instanceof Error);
  if (errors.some(({ name }) => TIMED_OUT.has(name))) {
    return new ApiError('timed-out', 'the answer took too long: try again, or ask for fewer rows', {}, RETRY_SOON);
  }
  if (errors.some(isTransient)) {
    return new ApiError('unavailable', 'the tables cannot keep up at the moment: try again soon', {}, RETRY_SOON);
  }
  return new ApiError(
    'internal',
    'something is wrong that is not your fault: try again, and report the requestId if it stays',
  );
};
