import type { Processor } from '../shared/processor/processor.ts';
import type { Topology } from '../shared/processor/topology.ts';
import { DeploymentError } from './deployment-error.ts';
import { PROCESSOR_TIMEOUT_MS } from './processor-limits.ts';
import { needsOf } from './processor-needs.ts';

/** Refuses what the embedded run can do and AWS cannot. Throws a {@link DeploymentError} that names every such processor. */
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
      'Let it write a stream, and fill the table from that with a processor of its own'
    );
  }
  const { idleAfterMs = Infinity } = processor.keyed?.timers ?? {};
  // A batch that may take longer than half of it could meet the sweep, which would take its partition keys for idle.
  if (idleAfterMs < 2 * PROCESSOR_TIMEOUT_MS) {
    yield (
      `takes partition keys for idle after ${String(idleAfterMs)} ms: at least ${String(2 * PROCESSOR_TIMEOUT_MS)} are needed, ` +
      'twice the longest invocation. Raise idleAfterMs'
    );
  }
}
