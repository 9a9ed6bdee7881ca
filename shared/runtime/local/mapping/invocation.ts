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
