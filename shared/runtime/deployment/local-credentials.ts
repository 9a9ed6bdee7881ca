type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that would bring other credentials than the two we set. */
const OVERRIDING_VARIABLES = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN'];

/**
 * What an environment needs changed for an endpoint of this machine, which takes any credentials and region but wants some:
 * placeholders where none are given. Undefined is a variable to be unset, so that no profile's real credentials are used.
 *
 * @example
 * ```ts
 * localCredentials({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-west-1' }); // { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' }
 * ```
 */
export const localCredentials = (env: Environment): Record<string, string | undefined> => {
  const hasKeys = (env['AWS_ACCESS_KEY_ID'] ?? '') !== '' && (env['AWS_SECRET_ACCESS_KEY'] ?? '') !== '';
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  return {
    ...(!hasKeys && {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      ...Object.fromEntries(OVERRIDING_VARIABLES.map((name) => [name, undefined])),
    }),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
};

/** Makes the changes of {@link localCredentials} to the environment of this process. */
export const enterLocalCredentials = (): void => {
  for (const [name, value] of Object.entries(localCredentials(process.env))) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
};
