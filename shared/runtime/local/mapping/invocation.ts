import type { DeliveredRecord } from '../../../stream/delivered-record.ts';

/** One batch on its way to the function: records of one shard, in order. */
export interface InvocationBatch {
  readonly shardId: string;
  /** Empty only for the invocation that ends a tumbling window. */
  readonly records: readonly DeliveredRecord[];
  /** Present where the mapping has a tumbling window. */
  readonly window?: InvocationWindow;
}

/** The tumbling window that a batch belongs to. */
export interface InvocationWindow {
  readonly startMs: number;
  readonly endMsExclusive: number;
  /** What the invocation before returned as `state`; `{}` in the first one of a window. A copy: it may be changed. */
  readonly state: unknown;
  readonly isFinalInvokeForWindow: boolean;
  /** The state had passed its limit: the same window goes on afterwards, with an empty state. */
  readonly isWindowTerminatedEarly: boolean;
}

/**
 * Calls the function. What it resolves to is the function's response; a rejection is a function error, except
 * {@link InvocationThrottledError}.
 */
export type Invoke = (batch: InvocationBatch) => Promise<unknown>;

/** Thrown by an {@link Invoke} that could not start the function. It counts as no attempt. */
export class InvocationThrottledError extends Error {
  override readonly name = 'InvocationThrottledError';
}

/**
 * Runs tasks with at most `concurrency` at a time; results keep the order of the tasks. The first error is thrown when every
 * task has ended, so that none is left running unseen.
 *
 * The next group begins when all of the one before have ended: which of them ends first must not decide what happens next, or
 * a schedule could not be repeated.
 */
export const runAtMost = async <Result>(
  concurrency: number,
  tasks: readonly (() => Promise<Result>)[],
): Promise<readonly Result[]> => {
  const settled: PromiseSettledResult<Result>[] = [];
  for (let start = 0; start < tasks.length; start += concurrency) {
    const group = tasks.slice(start, start + concurrency);
    settled.push(...(await Promise.allSettled(group.map((task) => task()))));
  }
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
};
