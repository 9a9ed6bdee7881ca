import type { Topology } from '../shared/processor/topology.ts';
import { DeploymentError } from './deployment-error.ts';
import { needsOf } from './processor-needs.ts';

/** Refuses what the embedded run can do and AWS cannot. Throws a {@link DeploymentError} that names every such processor. */
export const checkDeployable = (topology: Topology): void => {
  const wrong = topology.processors.filter((one) => {
    const { fills, hasTimers } = needsOf(one);
    return fills !== undefined && hasTimers;
  });
  if (wrong.length === 0) return;
  throw new DeploymentError(
    wrong
      .map(
        (one) =>
          `processor '${one.id}' has timers and is kept as table '${needsOf(one).fills ?? ''}': on AWS a table has no timers. ` +
          'Let it write a stream, and fill the table from that with a processor of its own',
      )
      .join('\n'),
  );
};
