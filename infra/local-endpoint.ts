import { localCredentials } from '../shared/runtime/deployment/local-credentials.ts';
import { isLoopbackUrl } from '../shared/runtime/deployment/loopback.ts';
import { DeploymentError } from './deployment-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ENDPOINT = /^AWS_ENDPOINT_URL(?:_[A-Z0-9_]+)?$/u;

/** The account of local endpoints, for credentials that name none. */
export const LOCAL_ACCOUNT = '000000000000';

const EXAMPLE = 'export AWS_ENDPOINT_URL=http://127.0.0.1:4566';

/**
 * The environment for commands that must reach an endpoint on this machine and nothing else: test credentials and a region
 * where there are none.
 *
 * Throws a {@link DeploymentError} where any call could leave the machine.
 */
export const localEnvironment = (env: Environment): Record<string, string> => {
  const endpoints = endpointsOf(env);
  if (!endpoints.some(([name]) => name === 'AWS_ENDPOINT_URL')) {
    throw new DeploymentError(
      `AWS_ENDPOINT_URL is not set, so this would go to AWS. Set it to an endpoint of this machine: ${EXAMPLE}`,
    );
  }
  const elsewhere = endpoints.find(([, url]) => !isLoopbackUrl(url));
  if (elsewhere !== undefined) {
    const [name, url] = elsewhere;
    throw new DeploymentError(
      `${name} is ${url}, which is not on this machine; allowed: localhost, 127.0.0.0/8 and [::1]. Change it (${EXAMPLE}), or deploy to AWS with npm run deploy`,
    );
  }
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') {
    throw new DeploymentError('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true, so this would go to AWS. Unset it');
  }
  return Object.fromEntries(
    Object.entries({ ...env, ...localCredentials(env) }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
};

/** Whether the environment leads to an endpoint of this machine. Throws a {@link DeploymentError} where it leads to another one. */
export const leadsToThisMachine = (env: Environment): boolean =>
  endpointsOf(env).length > 0 && Object.keys(localEnvironment(env)).length > 0;

/** Makes sure that what is meant for AWS does not end at an endpoint of this machine. Throws a {@link DeploymentError} where it would. */
export const checkLeadsToAws = (env: Environment): void => {
  const local = endpointsOf(env).find(([, url]) => isLoopbackUrl(url));
  if (local === undefined) return;
  throw new DeploymentError(
    `${local[0]} is ${local[1]}, an endpoint of this machine. Deploy to it with npm run deploy:local, or unset it to deploy to AWS`,
  );
};

const endpointsOf = (env: Environment): readonly [name: string, url: string][] =>
  Object.entries(env).filter((entry): entry is [string, string] => ENDPOINT.test(entry[0]) && (entry[1] ?? '') !== '');
