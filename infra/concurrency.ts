import type { DeploymentContext } from './context.ts';

/** Shards that a new on-demand stream has: it takes 4 MB/s, and a shard 1 MB/s. */
const ON_DEMAND_SHARDS = 4;

/** The most that a function takes to be told; whoever shares work out among that many does not miss one more. */
const MOST_EXPECTED = 10_000;

/** How many environments of a function run at the same time. */
export interface Concurrency {
  /** At most, as far as it can be known: on-demand streams may grow. */
  readonly expected: number;
  /** What is reserved of the account's; undefined: nothing. */
  readonly reserved: number | undefined;
}

/**
 * Each shard has as many environments at work as its mapping takes batches at a time, and the sweep has one more. What is
 * reserved is no less, so neither waits for the other, and no more, so a slow function cannot eat up the account.
 */
export const concurrencyOf = (
  { capacity, shards, reservedConcurrency }: DeploymentContext,
  parallelizationFactor: number,
  hasSweep: boolean,
): Concurrency => {
  const perShard = capacity === 'provisioned' ? shards : ON_DEMAND_SHARDS;
  const needed = perShard * parallelizationFactor + (hasSweep ? 1 : 0);
  const isReserved = capacity === 'provisioned' && reservedConcurrency === 'on';
  return { expected: Math.min(needed, MOST_EXPECTED), reserved: isReserved ? needed : undefined };
};
