/** Batches of one shard that are worked on at a time. More change nothing for aggregates of few partition keys; shards are the unit. */
export const PARALLELIZATION_FACTOR = 1;

/** Longest time of one invocation. A batch takes well below a second; the rest is for throttled writes to be tried again. */
export const PROCESSOR_TIMEOUT_MS = 60_000;
