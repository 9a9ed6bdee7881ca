import { fieldOf } from '../field-of.ts';

/** Why a call to AWS failed, and what to do; both continue a sentence. */
export interface ExplainedAwsError {
  readonly problem: string;
  readonly remedy: string;
}

/** Explains an error of the SDK to the person at the terminal; undefined for any other error, its cause is not looked at. */
export const explainAwsError = (cause: unknown): ExplainedAwsError | undefined => {
  const facts = factsOf(cause);
  return REMEDIES.find(({ when }) => when(facts))?.explain(facts);
};

/** The parts of an error that decide, wherever the SDK has put them. */
interface Facts {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  /** Whether it is a service's response. */
  readonly isAnswer: boolean;
}

const textOf = (value: unknown, name: string): string => {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field : '';
};

const factsOf = (cause: unknown): Facts => ({
  name: textOf(cause, 'name'),
  code: textOf(cause, 'code') || textOf(cause, 'errno'),
  message: textOf(cause, 'message').replaceAll(/\s+/gu, ' ').replace(/\.$/u, ''),
  isAnswer: typeof cause === 'object' && cause !== null && '$metadata' in cause && textOf(cause, '$fault') !== '',
});

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

const CREDENTIALS =
  'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (an endpoint of this machine takes any), or run aws sso login';

const REMEDIES: readonly {
  readonly when: (facts: Facts) => boolean;
  readonly explain: (facts: Facts) => ExplainedAwsError;
}[] = [
  {
    when: ({ name, message }) => name.includes('Expired') || /(?:token|session).{0,40}expired/iu.test(message),
    explain: () => ({
      problem: 'the credentials have expired',
      remedy: 'get new ones, for example with aws sso login',
    }),
  },
  {
    when: ({ name, message }) =>
      name === 'CredentialsProviderError' ||
      name === 'TokenProviderError' ||
      /could not load credentials/iu.test(message),
    explain: ({ message }) => ({ problem: `no credentials were found (${message})`, remedy: CREDENTIALS }),
  },
  {
    when: ({ message }) => /region is missing/iu.test(message),
    explain: () => ({ problem: 'no region is set', remedy: 'set AWS_REGION, for example AWS_REGION=us-east-1' }),
  },
  {
    when: ({ name }) =>
      /^(?:InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|InvalidAccessKeyId|AuthFailure|IncompleteSignature|MissingAuthenticationToken(?:Exception)?)$/u.test(
        name,
      ),
    explain: ({ name, message }) => ({
      problem: `AWS refuses the credentials (${name}: ${message})`,
      remedy: CREDENTIALS,
    }),
  },
  {
    when: ({ name }) => /^(?:AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError)/u.test(name),
    explain: ({ message }) => ({
      problem: `not permitted (${message || 'access denied'})`,
      remedy: 'use credentials that may, or ask the owner of the account',
    }),
  },
  {
    when: ({ name, code }) => NETWORK_CODES.has(code) || name === 'TimeoutError' || name === 'NetworkingError',
    explain: ({ code, name, message }) => ({
      problem: `the endpoint does not answer (${code || name}${message === '' ? '' : `: ${message}`})`,
      remedy: 'check the network, AWS_REGION and AWS_ENDPOINT_URL, and that a local endpoint is running',
    }),
  },
  {
    when: ({ name, message }) =>
      /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughputExceeded|SlowDown/u.test(name) ||
      message.endsWith('unprocessed'),
    explain: ({ name, message }) => ({
      problem: `AWS throttles (${name === 'Error' ? message : name})`,
      remedy: 'wait a minute and run the same command again',
    }),
  },
  {
    when: ({ name }) => /^(?:ResourceNotFoundException|NoSuchBucket)$/u.test(name),
    explain: ({ message }) => ({
      problem: `something of the deployment is gone (${message})`,
      remedy: 'deploy again, or check --stage and AWS_REGION',
    }),
  },
  {
    when: ({ isAnswer }) => isAnswer,
    explain: ({ name, message }) => ({
      problem: `AWS answered ${name}${message === '' ? '' : `: ${message}`}`,
      remedy: 'see what it says; if it looks transient, run the same command again',
    }),
  },
];
