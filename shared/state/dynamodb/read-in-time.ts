import { retrying, type Attempt, type RetryPolicy } from '../../aws/retry.ts';

/** Repeats an attempt to read until it is done. Rejects, naming what was to be read, if the time that is left is not enough. */
export const readInTime = async <Value>(
  what: string,
  patience: RetryPolicy,
  attempt: (signal: AbortSignal) => Promise<Attempt<Value>>,
): Promise<Value> => {
  const result = await retrying(patience, attempt);
  if (result.kind === 'done') return result.value;
  const { cause } = result;
  throw new Error(
    `${what} could not be read in the time that was left (${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}): ` +
      'give the function more time, or the table more capacity',
    { cause },
  );
};
