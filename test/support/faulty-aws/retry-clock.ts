import type { RetryPolicy } from '../../../shared/aws/retry.ts';

/** A clock that only moves by waiting, so that hours of retries take no time. */
export interface RetryClock extends RetryPolicy {
  readonly pausesMs: readonly number[];
}

/** A clock that starts at 0, with the given time until the deadline. */
export const retryClock = (untilDeadlineMs: number): RetryClock => {
  let now = 0;
  const pausesMs: number[] = [];
  return {
    pausesMs,
    nowMs: () => now,
    sleep: (ms) => {
      now += ms;
      pausesMs.push(ms);
      return Promise.resolve();
    },
    deadlineMs: () => untilDeadlineMs,
    random: () => 0.5,
  };
};
