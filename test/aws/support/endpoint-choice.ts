import { isLoopbackUrl } from '../../../shared/runtime/deployment/endpoint.ts';

/** What there is on this machine to run AWS on, as far as it had to be looked at. */
export interface Found {
  /** `AWS_ENDPOINT_URL`; undefined or empty where it is not set. */
  readonly givenUrl: string | undefined;
  /** Why Docker cannot be used; undefined where it can. */
  readonly dockerProblem: string | undefined;
  /** `MILLRACE_AWS_IMAGE`; undefined or empty for the default. */
  readonly image: string | undefined;
  /** The MiniStack program: `MILLRACE_MINISTACK` or what PATH has; undefined where there is none. */
  readonly ministack: string | undefined;
  /** A run without an endpoint is a failure. */
  readonly isRequired: boolean;
}

/** Where the tests are to run. */
export type EndpointChoice =
  | { readonly kind: 'given'; readonly url: string }
  | { readonly kind: 'container'; readonly flavour: 'localstack' | 'ministack'; readonly image: string }
  | { readonly kind: 'process'; readonly program: string }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** The last free LocalStack: later images want an account. */
export const DEFAULT_IMAGE = 'localstack/localstack:4.14.0';

/**
 * Chooses the endpoint: the one that is given, else one in Docker, else MiniStack as a process of this machine.
 *
 * What is given must be on this machine: tests never reach real AWS, whatever credentials lie about.
 *
 * @example
 * ```ts
 * const nothing = { givenUrl: undefined, dockerProblem: 'no Docker', image: undefined, ministack: undefined, isRequired: false };
 * chooseEndpoint({ ...nothing, givenUrl: 'http://127.0.0.1:4566' }); // { kind: 'given', url: 'http://127.0.0.1:4566' }
 * chooseEndpoint({ ...nothing, ministack: '/opt/ministack' }); // { kind: 'process', program: '/opt/ministack' }
 * chooseEndpoint(nothing).kind; // 'skipped'
 * ```
 */
export const chooseEndpoint = (found: Found): EndpointChoice => {
  const { givenUrl = '', dockerProblem, image = '', ministack, isRequired } = found;
  if (givenUrl !== '') return isOfThisMachine(givenUrl) ? { kind: 'given', url: givenUrl } : notOfThisMachine(givenUrl);
  if (dockerProblem === undefined) return container(image === '' ? DEFAULT_IMAGE : image);
  if (ministack !== undefined) return { kind: 'process', program: ministack };
  return {
    kind: isRequired ? 'refused' : 'skipped',
    reason:
      `no endpoint that speaks AWS: AWS_ENDPOINT_URL is not set; ${dockerProblem}; no ministack on PATH and MILLRACE_MINISTACK is not set. ` +
      `Start Docker, or run \`pip install 'ministack==1.4.21' cbor2 cryptography\``,
  };
};

const notOfThisMachine = (url: string): EndpointChoice => ({
  kind: 'refused',
  reason: `AWS_ENDPOINT_URL is '${url}': these tests only run on an endpoint of this machine, such as http://127.0.0.1:4566; unset it or name one`,
});

const container = (image: string): EndpointChoice => ({
  kind: 'container',
  flavour: /(^|\/)ministack([:@]|$)/u.test(image) ? 'ministack' : 'localstack',
  image,
});

const isOfThisMachine = (url: string): boolean => /^https?:/u.test(url) && isLoopbackUrl(url);
