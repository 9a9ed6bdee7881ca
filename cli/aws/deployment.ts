import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { enterLocalCredentials } from '../../shared/runtime/deployment/local-credentials.ts';
import { outputName, OUTPUTS, stackName, type OutputKind } from '../../shared/runtime/deployment/output-name.ts';
import { awsClients, type AwsClients } from '../../shared/aws/clients.ts';
import type { Pipeline } from '../../shared/pipeline/description.ts';
import { defaultsOf } from '../../shared/pipeline/options.ts';
import type { Topology } from '../../shared/processor/topology.ts';
import { CommandError } from '../errors/command-error.ts';
import { withAwsErrors } from './calls.ts';
import { type Target, checkTarget } from './target.ts';

/** A topology as it is deployed: where its parts are. */
interface Deployment {
  readonly stack: string;
  /** Physical name of a stream or table, ARN of a topic, name of a function, id of a mapping, by its name in the topology. */
  named(kind: OutputKind, name: string): string;
  /** An output of which a stack has exactly one. */
  one(output: keyof typeof OUTPUTS): string;
}

/** Which deployment is meant. */
export interface DeploymentChoice {
  readonly topology: string;
  readonly target: Target;
  readonly stage: string;
}

/** Which deployment of a pipeline is meant. */
export interface PipelineChoice extends Omit<DeploymentChoice, 'topology'> {
  readonly pipeline: Pipeline;
}

/** What a pipeline is made of, wherever it is deployed: options change its settings, not its parts. */
export const topologyOf = (pipeline: Pipeline): Topology => pipeline.topology(defaultsOf(pipeline.options));

/** Finds a deployment by its stack. Throws a `CommandError` where none is complete, and says how to make one. */
const findDeployment = async ({ topology, target, stage }: DeploymentChoice): Promise<Deployment> => {
  const stack = stackName(topology, stage);
  const client = new CloudFormationClient();
  const found = await withAwsErrors(`looking for the stack ${stack}`, async () => {
    try {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
      return Stacks?.[0];
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  });
  const deploy = `${target === 'aws' ? 'npm run deploy' : 'npm run deploy:local'}${stage === 'dev' ? '' : ` -- -c stage=${stage}`}`;
  if (found === undefined) {
    const region = await client.config.region().catch(() => 'this region');
    throw new CommandError(`no stack ${stack} in ${region}; deploy it with ${deploy}, or check --stage and AWS_REGION`);
  }
  return deploymentOf(stack, found, deploy);
};

const isAbsence = (error: unknown): boolean => error instanceof Error && error.message.includes('does not exist');

const deploymentOf = (stack: string, { StackStatus: status, Outputs = [] }: Stack, deploy: string): Deployment => {
  const outputs = new Map(Outputs.map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue]));
  const valueOf = (output: string): string => {
    const value = outputs.get(output);
    if (value !== undefined && value !== '') return value;
    throw new CommandError(
      outputs.size === 0
        ? `the stack ${stack} is ${String(status)} and has no outputs yet; wait until it is deployed, or run ${deploy}`
        : `the stack ${stack} has no output ${output}: it was deployed by another version of Millrace; run ${deploy}`,
    );
  };
  return {
    stack,
    named: (kind, name) => valueOf(outputName(kind, name)),
    one: (output) => valueOf(OUTPUTS[output]),
  };
};

/** A deployed topology, ready to be worked with. */
export interface OpenTarget {
  readonly clients: AwsClients;
  readonly deployment: Deployment;
}

/** Checks that the environment leads to the target, and finds the deployment there. A local one needs no credentials. */
export const openTarget = async (choice: DeploymentChoice): Promise<OpenTarget> => {
  checkTarget(choice.target, process.env);
  if (choice.target === 'local') enterLocalCredentials();
  return { clients: awsClients(), deployment: await findDeployment(choice) };
};
