/** Where a topology is deployed: on AWS itself, or on an endpoint of this machine that speaks AWS. */
export type Target = 'aws' | 'local';

/** Why an environment does not lead to its target, and what to do; both continue a sentence. */
export interface EndpointFault {
  readonly problem: string;
  readonly remedy: string;
}

const ENDPOINT = /^AWS_ENDPOINT_URL(?:_[A-Z0-9_]+)?$/u;

const EXAMPLE = 'http://127.0.0.1:4566';

/**
 * Why the SDK, with these variables, would call something other than the target; undefined where every call reaches it. Calls
 * meant for this machine must never reach an account, nor the other way round.
 *
 * @example
 * ```ts
 * endpointFault('local', { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }); // undefined
 * endpointFault('local', {})?.problem; // 'AWS_ENDPOINT_URL is not set'
 * endpointFault('aws', { AWS_ENDPOINT_URL_S3: 'http://localhost:4566' })?.problem; // 'AWS_ENDPOINT_URL_S3 is http://localhost:4566, an endpoint of this machine'
 * ```
 */
export const endpointFault = (
  target: Target,
  env: Readonly<Record<string, string | undefined>>,
): EndpointFault | undefined => {
  const endpoints = endpointsOf(env);
  if (target === 'aws') {
    const loopback = endpoints.find(([, url]) => isLoopbackUrl(url));
    return loopback && { problem: `${loopback[0]} is ${loopback[1]}, an endpoint of this machine`, remedy: 'unset it' };
  }
  if (!endpoints.some(([name]) => name === 'AWS_ENDPOINT_URL')) {
    return {
      problem: 'AWS_ENDPOINT_URL is not set',
      remedy: `set it to the endpoint of this machine, for example ${EXAMPLE}, or calls would go to AWS`,
    };
  }
  const elsewhere = endpoints.find(([, url]) => !isLoopbackUrl(url));
  if (elsewhere !== undefined) {
    return {
      problem: `${elsewhere[0]} is ${elsewhere[1]}, which is not on this machine`,
      remedy: `it must be localhost, 127.0.0.0/8 or [::1], for example ${EXAMPLE}`,
    };
  }
  return env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true'
    ? { problem: 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true, so calls would go to AWS', remedy: 'unset it' }
    : undefined;
};

/** Whether any variable sends calls to an endpoint other than AWS's own. */
export const hasEndpoint = (env: Readonly<Record<string, string | undefined>>): boolean => endpointsOf(env).length > 0;

const endpointsOf = (
  env: Readonly<Record<string, string | undefined>>,
): readonly (readonly [name: string, url: string])[] =>
  Object.entries(env).flatMap(([name, url]) =>
    ENDPOINT.test(name) && url !== undefined && url !== '' ? [[name, url] as const] : [],
  );

/**
 * Whether a URL is of this machine: `localhost`, a name below it, 127.0.0.0/8 or ::1. Text that is not a URL is not.
 *
 * Names that only resolve to a loopback address do not count: the name server can change what they mean.
 *
 * @example
 * ```ts
 * isLoopbackUrl('http://127.0.0.1:4566'); // true
 * isLoopbackUrl('http://[::1]:4566'); // true
 * isLoopbackUrl('https://kinesis.us-east-1.amazonaws.com'); // false
 * ```
 */
export const isLoopbackUrl = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === '[::1]' || /^(?:127(?:\.\d{1,3}){3}|(?:.+\.)?localhost)$/u.test(hostname);
};
