import { CfnOutput } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Options of {@link TopologyOutputs}. */
export interface TopologyOutputsProps {
  /** By name of the output. */
  readonly values: Readonly<Record<string, string>>;
}

/** Outputs of the stack, each under exactly its name: the command line looks them up. */
export class TopologyOutputs extends Construct {
  constructor(scope: Construct, id: string, { values }: TopologyOutputsProps) {
    super(scope, id);
    for (const [name, value] of Object.entries(values)) {
      new CfnOutput(this, name, { value }).overrideLogicalId(name);
    }
  }
}
