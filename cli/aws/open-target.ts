import { enterLocalCredentials } from '../../shared/runtime/deployment/local-credentials.ts';
import { awsClients, type AwsClients } from '../../shared/aws/clients.ts';
import { findDeployment, type Deployment, type DeploymentChoice } from './deployment.ts';
import { checkTarget } from './target.ts';

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
