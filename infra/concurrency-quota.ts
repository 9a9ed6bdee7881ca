import { parseArgs } from 'node:util';
import type { Topology } from '../shared/processor/topology.ts';
import { concurrencyOf } from './concurrency.ts';
import type { DeploymentContext } from './context.ts';
import { DeploymentError } from './deployment-error.ts';
import { PARALLELIZATION_FACTOR } from './processor-limits.ts';
import { needsOf } from './processor-needs.ts';

/** What Lambda wants to stay for functions that reserve nothing. */
const UNRESERVED = 100;

/** How many environments all functions of a topology reserve together. */
export const reservedConcurrency = ({ processors }: Topology, context: DeploymentContext): number =>
  processors.reduce(
    (sum, one) => sum + (concurrencyOf(context, PARALLELIZATION_FACTOR, needsOf(one).hasTimers).reserved ?? 0),
    0,
  );

/**
 * Makes sure that an account has the concurrency that functions reserve: a deployment would find out late, and leave behind what
 * is protected from deletion.
 *
 * Throws a {@link DeploymentError} that says what to do.
 */
export const checkQuota = (quota: number, reserved: number): void => {
  if (reserved === 0 || quota >= reserved + UNRESERVED) return;
  throw new DeploymentError(
    `this account may run ${String(quota)} functions at the same time; reserving ${String(reserved)} of them needs a quota of ` +
      `${String(reserved + UNRESERVED)}. Deploy with -c reservedConcurrency=off, or ask AWS for a higher quota of concurrent executions`,
  );
};

/** The context that options of the CDK's command line give: `-c name=value`. */
export const contextOptions = (args: readonly string[]): Readonly<Record<string, string>> => {
  const { values } = parseArgs({
    args: [...args],
    options: { context: { type: 'string', short: 'c', multiple: true } },
    strict: false,
    allowPositionals: true,
  });
  const given = Array.isArray(values.context) ? values.context : [];
  return Object.fromEntries(
    given.flatMap((text) => {
      if (typeof text !== 'string') return [];
      const at = text.indexOf('=');
      return at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
    }),
  );
};
