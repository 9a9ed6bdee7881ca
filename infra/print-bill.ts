import { billLines } from '../shared/cost/bill-lines.ts';
import { bill } from '../shared/cost/bill.ts';
import { describeTopology } from '../shared/processor/description/describe.ts';
import type { Topology } from '../shared/processor/topology.ts';
import type { DeploymentContext } from './context.ts';

/** Says on standard error what a deployment costs, so that nobody learns it from an invoice. */
export const printBill = (topology: Topology, { capacity, shards, retentionHours }: DeploymentContext): void => {
  const lines = billLines(bill(describeTopology(topology), { capacity, shards, retentionHours }));
  process.stderr.write(`\n${lines.join('\n')}\n\n`);
};
