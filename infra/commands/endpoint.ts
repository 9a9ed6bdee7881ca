import { endpointFault, hasEndpoint } from '../../shared/runtime/deployment/endpoint.ts';
import { localCredentials } from '../../shared/runtime/deployment/local-credentials.ts';
import { DeploymentError } from '../deployment/deployment-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment for commands that must reach an endpoint on this machine and nothing else, completed with test credentials and a
 * region. Throws a {@link DeploymentError} if any call could leave the machine.
 */
export const localEnvironment = (env: Environment): Record<string, string> => {
  const fault = endpointFault('local', env);
  if (fault !== undefined) {
    throw new DeploymentError(`${fault.problem}; ${fault.remedy}. To deploy to AWS, use npm run deploy`);
  }
  return Object.fromEntries(
    Object.entries({ ...env, ...localCredentials(env) }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
};

/** Whether calls reach an endpoint of this machine. Throws a {@link DeploymentError} if they reach another one. */
export const leadsToThisMachine = (env: Environment): boolean => {
  if (!hasEndpoint(env)) return false;
  const fault = endpointFault('local', env);
  if (fault !== undefined) throw new DeploymentError(`${fault.problem}; ${fault.remedy}. To reach AWS, unset it`);
  return true;
};

/** Makes sure that a deployment to AWS does not end at an endpoint of this machine. Throws a {@link DeploymentError} if it would. */
export const checkLeadsToAws = (env: Environment): void => {
  const fault = endpointFault('aws', env);
  if (fault === undefined) return;
  throw new DeploymentError(`${fault.problem}; ${fault.remedy}, or deploy to it with npm run deploy:local`);
};
