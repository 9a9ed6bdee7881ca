import type { Processor } from '../../shared/processor/processor.ts';
import type { Topology } from '../../shared/processor/topology.ts';
import { DeploymentError } from './deployment-error.ts';

/** Maximum time of one invocation. A batch takes well below a second; the rest is for retries of throttled writes. */
export const PROCESSOR_TIMEOUT_MS = 60_000;

/**
 * A partition key may have been marked active a third of `idleAfterMs` before a batch begins, and the batch may write for as long as
 * the time-out. With three time-outs, a sweep takes the key for idle no sooner than a time-out after the last write; that is for
 * clocks that disagree.
 */
const MIN_IDLE_AFTER_MS = 3 * PROCESSOR_TIMEOUT_MS;

/** Rejects what works embedded but not on AWS. Throws a {@link DeploymentError} that names every such processor. */
export const checkDeployable = (topology: Topology): void => {
  const wrong = topology.processors.flatMap((one) =>
    [...reasonsAgainst(one)].map((reason) => `processor '${one.id}' ${reason}`),
  );
  if (wrong.length > 0) throw new DeploymentError(wrong.join('\n'));
};

function* reasonsAgainst(processor: Processor): Generator<string> {
  const { idleAfterMs = Infinity } = processor.keyed?.timers ?? {};
  if (idleAfterMs < MIN_IDLE_AFTER_MS) {
    yield (
      `has idleAfterMs ${String(idleAfterMs)}: at least ${String(MIN_IDLE_AFTER_MS)} are needed, three times the maximum ` +
      'invocation, so that no write of a batch can land after a sweep. Raise idleAfterMs'
    );
  }
}
