import { setTimeout } from 'node:timers/promises';
import { fieldOf } from '../../shared/runtime/field-of.ts';
import { retrying, type RetryPolicy } from '../../shared/aws/retry.ts';
import { CommandError } from '../errors/command-error.ts';

/**
 * Runs calls to AWS and turns its errors into a `CommandError`: what was being done, why it failed, what to do. Any other error
 * passes unchanged.
 *
 * @param doing Words that follow "while": `reading the stack millrace-weather-dev`.
 */
export const withAwsErrors = async <Result>(doing: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    throw awsErrorOf(doing, cause) ?? cause;
  }
};

/** An error of the SDK as a `CommandError`; undefined for any other error. */
export const awsErrorOf = (doing: string, cause: unknown): CommandError | undefined => {
  if (cause instanceof CommandError) return cause;
  const facts = factsOf(cause);
  const why = REMEDIES.find(({ when }) => when(facts))?.why(facts);
  if (why === undefined) {
    // What retries for a while wraps the last error in words of its own.
    const inner: unknown = cause instanceof Error ? cause.cause : undefined;
    return inner === undefined ? undefined : awsErrorOf(doing, inner);
  }
  // Code that retries wraps the last error in one of its own.
  const inner: unknown = cause instanceof Error ? cause.cause : undefined;
  return inner === undefined ? undefined : awsErrorOf(doing, inner);
};

/** What is looked at of an error, wherever the SDK has put it. */
interface Facts {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  /** Whether a service answered with it. */
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

interface Why {
  readonly problem: string;
  readonly remedy: string;
}

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

const REMEDIES: readonly { readonly when: (facts: Facts) => boolean; readonly why: (facts: Facts) => Why }[] = [
  {
    when: ({ name, message }) => name.includes('Expired') || /(?:token|session).{0,40}expired/iu.test(message),
    why: () => ({ problem: 'the credentials have expired', remedy: 'get new ones, for example with aws sso login' }),
  },
  {
    when: ({ name, message }) =>
      name === 'CredentialsProviderError' ||
      name === 'TokenProviderError' ||
      /could not load credentials/iu.test(message),
    why: ({ message }) => ({ problem: `no credentials were found (${message})`, remedy: CREDENTIALS }),
  },
  {
    when: ({ message }) => /region is missing/iu.test(message),
    why: () => ({ problem: 'no region is set', remedy: 'set AWS_REGION, for example AWS_REGION=us-east-1' }),
  },
  {
    when: ({ name }) =>
      /^(?:InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|InvalidAccessKeyId|AuthFailure|IncompleteSignature|MissingAuthenticationToken(?:Exception)?)$/u.test(
        name,
      ),
    why: ({ name, message }) => ({ problem: `AWS refuses the credentials (${name}: ${message})`, remedy: CREDENTIALS }),
  },
  {
    when: ({ name }) => /^(?:AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError)/u.test(name),
    why: ({ message }) => ({
      problem: `not permitted (${message || 'access denied'})`,
      remedy: 'use credentials that may, or ask the owner of the account',
    }),
  },
  {
    when: ({ name, code }) => NETWORK_CODES.has(code) || name === 'TimeoutError' || name === 'NetworkingError',
    why: ({ code, name, message }) => ({
      problem: `the endpoint does not answer (${code || name}${message === '' ? '' : `: ${message}`})`,
      remedy: 'check the network, AWS_REGION and AWS_ENDPOINT_URL, and that a local endpoint is running',
    }),
  },
  {
    when: ({ name, message }) =>
      /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughputExceeded|SlowDown/u.test(name) ||
      message.endsWith('unprocessed'),
    why: ({ name, message }) => ({
      problem: `AWS throttles (${name === 'Error' ? message : name})`,
      remedy: 'wait a minute and run the same command again',
    }),
  },
  {
    when: ({ name }) => /^(?:ResourceNotFoundException|NoSuchBucket)$/u.test(name),
    why: ({ message }) => ({
      problem: `something of the deployment is gone (${message})`,
      remedy: 'deploy again, or check --stage and AWS_REGION',
    }),
  },
  {
    when: ({ isAnswer }) => isAnswer,
    why: ({ name, message }) => ({
      problem: `AWS answered ${name}${message === '' ? '' : `: ${message}`}`,
      remedy: 'see what it says; if it looks like a passing fault, run the same command again',
    }),
  },
];

/** How long a command tries one call that fails for reasons which pass. */
const TRY_MS = 60_000;

/** The clock of this machine and real pauses, until `forMs` from now. */
export const retryUntil = (forMs: number): RetryPolicy => {
  const deadlineMs = Date.now() + forMs;
  return { nowMs: Date.now, sleep: (ms) => setTimeout(ms), deadlineMs: () => deadlineMs };
};

/**
 * Makes one call of a client that does not retry by itself, for up to a minute. What AWS finally says against it is thrown as a
 * `CommandError`; see `withAwsErrors`.
 */
export const called = async <Value>(doing: string, call: (signal: AbortSignal) => Promise<Value>): Promise<Value> => {
  let failure: unknown;
  try {
    const result = await retrying(retryUntil(TRY_MS), async (signal) => ({ kind: 'done', value: await call(signal) }));
    if (result.kind === 'done') return result.value;
    failure = result.cause;
  } catch (error) {
    failure = error;
  }
  throw awsErrorOf(doing, failure) ?? failure;
};
