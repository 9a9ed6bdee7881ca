import { App } from 'aws-cdk-lib';
import { join } from 'node:path';
import { billLines } from '../shared/cost/bill-lines.ts';
import { bill } from '../shared/cost/bill.ts';
import { describeTopology } from '../shared/processor/description/describe.ts';
import { stackName } from '../shared/runtime/deployment/output-name.ts';
import { bundledCode } from './build/bundled-code.ts';
import { runScript } from './commands/run-script.ts';
import { readContext } from './deployment/context.ts';
import { chosenPipelines, optionsOf, pipelineDeployment, projectConfig } from './deployment/pipeline-deployment.ts';
import { TopologyStack } from './stacks/topology-stack.ts';

await runScript(async () => {
  const app = new App();
  const config = await projectConfig();
  const context = readContext(app.node.getAllContext(), optionsOf(config.pipelines));
  const lines: string[] = [];
  for (const one of chosenPipelines(config, context.pipeline)) {
    const pipeline = pipelineDeployment(one, context);
    const { topology, volumes } = pipeline;
    const code = await bundledCode(config.root, topology, join(app.outdir, 'bundles'));
    new TopologyStack(app, stackName(topology.name, context.stage), { pipeline, code, context });
    const { capacity, shards, retentionHours } = context;
    const assumptions = { capacity, shards, retentionHours, ...(volumes !== undefined && { volumes }) };
    lines.push('', ...billLines(bill(describeTopology(topology), assumptions)));
  }
  app.synth();
  // The cost of a deployment is known before it, not from an invoice.
  process.stderr.write(`${lines.join('\n')}\n\n`);
  return true;
});
