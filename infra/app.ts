import { App } from 'aws-cdk-lib';
import { join } from 'node:path';
import { bundledCode } from './bundled-code.ts';
import { readContext } from './context.ts';
import { printBill } from './print-bill.ts';
import { runScript } from './run-script.ts';
import { TopologyStack } from './stacks/topology-stack.ts';
import { weatherDeployment } from './weather-deployment.ts';

await runScript(async () => {
  const app = new App();
  const context = readContext(app.node.getAllContext());
  const pipeline = weatherDeployment(context);
  new TopologyStack(app, pipeline, await bundledCode(pipeline.topology, join(app.outdir, 'bundles')), context);
  app.synth();
  printBill(pipeline.topology, context);
  return true;
});
