import type { Topology } from '../../shared/processor/topology.ts';
import type { DeploymentContext } from './context.ts';
import { DeploymentError } from './deployment-error.ts';
import { needsOf } from './processor-needs.ts';

/** Batches of one shard that are processed at a time. More would not help with few partition keys; shards are the unit of scale. */
export const PARALLELIZATION_FACTOR = 1;

/** Shards of a new on-demand stream: it takes 4 MB/s, and a shard 1 MB/s. */
const ON_DEMAND_SHARDS = 4;

/** The highest value that functions accept. Beyond it, a rate shared by all environments is too small to divide further. */
const MAX_EXPECTED = 10_000;

/** What Lambda requires to remain for functions that reserve nothing. */
const MIN_UNRESERVED = 100;

/** How many environments of a function run at the same time. */
export interface Concurrency {
  /** At most, as far as is known: on-demand streams may grow. */
  readonly expected: number;
  /** Reserved from the account's concurrency; undefined for no reservation. */
  readonly reserved: number | undefined;
}

/**
 * Each shard has as many environments as its mapping processes batches at a time, and the sweep has one more. Reserving exactly
 * that many means that neither waits for the other, and that a slow function cannot use up the account.
 */
export const concurrencyOf = (
  {
    capacity,
    shards,
    reservedConcurrency: reservation,
  }: Pick<DeploymentContext, 'capacity' | 'shards' | 'reservedConcurrency'>,
  parallelizationFactor: number,
  hasSweep: boolean,
): Concurrency => {
  const perShard = capacity === 'provisioned' ? shards : ON_DEMAND_SHARDS;
  const needed = perShard * parallelizationFactor + (hasSweep ? 1 : 0);
  const isReserved = capacity === 'provisioned' && reservation === 'on';
  return { expected: Math.min(needed, MAX_EXPECTED), reserved: isReserved ? needed : undefined };
};

/** How many environments all functions of a topology reserve together. */
export const reservedConcurrency = ({ processors }: Topology, context: DeploymentContext): number =>
  processors.reduce(
    (sum, one) => sum + (concurrencyOf(context, PARALLELIZATION_FACTOR, needsOf(one).hasTimers).reserved ?? 0),
    0,
  );

/**
 * Makes sure that an account has the concurrency that functions reserve: CloudFormation would only find out halfway, and leave
 * resources that are protected from deletion.
 *
 * Throws a {@link DeploymentError} that says what to do.
 */
export const checkQuota = (quota: number, reserved: number): void => {
  if (reserved === 0 || quota >= reserved + MIN_UNRESERVED) return;
  throw new DeploymentError(
    `this account may run ${String(quota)} functions at the same time; reserving ${String(reserved)} of them needs a quota of ` +
      `${String(reserved + MIN_UNRESERVED)}. Deploy with -c reservedConcurrency=off, or ask AWS for a higher quota of concurrent executions`,
  );
};
