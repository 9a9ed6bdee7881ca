import { devNull } from 'node:os';

/**
 * An environment without anything that could lead to real AWS: dummy credentials, no profile, no endpoint yet. Also an empty
 * `AWS_ENDPOINT_URL` must not be handed on: who finds it set takes it for chosen.
 */
export const localEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AWS_'))),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
});
