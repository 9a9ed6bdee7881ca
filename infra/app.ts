import { App } from 'aws-cdk-lib';
import { join } from 'node:path';
import { billLines } from '../shared/cost/bill-lines.ts';
import { bill } from '../shared/cost/bill.ts';
import { describeTopology } from '../shared/processor/description/describe.ts';
import { stackName } from '../shared/runtime/deployment/output-name.ts';
import { bundledCode } from './build/bundled-code.ts';
import { runScript } from './commands/run-script.ts';
import { readContext } from './deployment/context.ts';
import { weatherDeployment } from './deployment/weather-deployment.ts';
import { TopologyStack } from './stacks/topology-stack.ts';

await runScript(async () => {
  const app = new App();
  const context = readContext(app.node.getAllContext());
  const pipeline = weatherDeployment(context);
  const { topology, volumes } = pipeline;
  const code = await bundledCode(topology, join(app.outdir, 'bundles'));
  new TopologyStack(app, stackName(topology.name, context.stage), { pipeline, code, context });
  app.synth();
  const { capacity, shards, retentionHours } = context;
  const lines = billLines(bill(describeTopology(topology), { capacity, shards, retentionHours, volumes }));
  // The cost of a deployment is known before it, not from an invoice.
  process.stderr.write(`\n${lines.join('\n')}\n\n`);
  return true;
});
