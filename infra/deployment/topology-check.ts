import type { Processor } from '../../shared/processor/processor.ts';
import type { Topology } from '../../shared/processor/topology.ts';
import { DeploymentError } from './deployment-error.ts';
import { needsOf } from './processor-needs.ts';

/** Maximum time of one invocation. A batch takes well below a second; the rest is for retries of throttled writes. */
export const PROCESSOR_TIMEOUT_MS = 60_000;

/**
 * A partition key may have been marked active half of `idleAfterMs` before a batch begins, so the sweep may take it for idle half of
 * `idleAfterMs` after that, while the last write of the batch may land as late as the time-out. With three time-outs half a
 * time-out separates the two, for clocks that disagree; with two nothing does.
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
  const { fills, hasTimers } = needsOf(processor);
  if (fills !== undefined && hasTimers) {
    yield (
      `has timers and is kept as table '${fills}': on AWS a table has no timers. ` +
      'Let it write a stream, and fill the table from that with another processor'
    );
  }
  const { idleAfterMs = Infinity } = processor.keyed?.timers ?? {};
  if (idleAfterMs < MIN_IDLE_AFTER_MS) {
    yield (
      `has idleAfterMs ${String(idleAfterMs)}: at least ${String(MIN_IDLE_AFTER_MS)} are needed, three times the maximum ` +
      'invocation, so that no write of a batch can land after a sweep. Raise idleAfterMs'
    );
  }
}
