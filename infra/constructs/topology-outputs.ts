import { CfnOutput } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** What the stack tells about itself, each under exactly its name: the command line looks for these. */
export class TopologyOutputs extends Construct {
  constructor(scope: Construct, id: string, values: Readonly<Record<string, string>>) {
    super(scope, id);
    for (const [name, value] of Object.entries(values)) {
      new CfnOutput(this, name, { value }).overrideLogicalId(name);
    }
  }
}
