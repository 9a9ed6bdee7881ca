import type { Processor } from '../../shared/processor/processor.ts';
import type { Topology } from '../../shared/processor/topology.ts';
import { DeploymentError } from './deployment-error.ts';

/** Maximum time of one invocation, where nothing else is said. A batch takes well below a second; the rest is for retries of throttled writes. */
export const PROCESSOR_TIMEOUT_MS = 60_000;

/**
 * A partition key may have been marked active a third of `idleAfterMs` before a batch begins, and the batch may write for as long as
 * the time-out. With three time-outs, a sweep takes the key for idle no sooner than a time-out after the last write; that is for
 * clocks that disagree.
 */
const MIN_IDLE_TIMEOUTS = 3;

/**
 * Rejects what works embedded but not on AWS. Throws a {@link DeploymentError} that names every such processor.
 *
 * @param timeoutMsOf The maximum time of one invocation of a processor.
 */
export const checkDeployable = (
  topology: Topology,
  timeoutMsOf: (processorId: string) => number = () => PROCESSOR_TIMEOUT_MS,
): void => {
  const wrong = topology.processors.flatMap((one) =>
    [...reasonsAgainst(one, timeoutMsOf(one.id))].map((reason) => `processor '${one.id}' ${reason}`),
  );
  if (wrong.length > 0) throw new DeploymentError(wrong.join('\n'));
};

function* reasonsAgainst(processor: Processor, timeoutMs: number): Generator<string> {
  const { idleAfterMs = Infinity } = processor.keyed?.timers ?? {};
  const minIdleAfterMs = MIN_IDLE_TIMEOUTS * timeoutMs;
  if (idleAfterMs < minIdleAfterMs) {
    yield (
      `has idleAfterMs ${String(idleAfterMs)}: at least ${String(minIdleAfterMs)} are needed, three times the maximum ` +
      'invocation, so that no write of a batch can land after a sweep. Raise idleAfterMs'
    );
  }
}
