import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isTransient } from '../../../aws/retry.ts';

/** What a route answers when all went well; without `body` the status says it all. */
export interface ApiAnswer {
  readonly status: 200 | 204;
  readonly body?: unknown;
}

/** Stable error codes for clients. */
export type ApiErrorCode = keyof typeof STATUS;

const STATUS = {
  'bad-body': 400,
  'bad-cursor': 400,
  'bad-parameter': 400,
  'no-such-route': 404,
  'no-such-row': 404,
  'no-such-station': 404,
  'no-such-table': 404,
  'method-not-allowed': 405,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  internal: 500,
  'timed-out': 503,
  unavailable: 503,
} as const;

/** A request that is answered with an error: what its client may know, and nothing else. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly status: number;
  /** What a program may want to know beside the message: the parameter, for example. */
  readonly facts: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ApiErrorCode,
    message: string,
    facts: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = STATUS[code];
    this.facts = facts;
    this.headers = headers;
  }
}

/** Middy's own, shortly before Lambda ends the invocation; and what the SDK throws for a call that is aborted. */
const TIMED_OUT: ReadonlySet<string> = new Set(['AbortError', 'TimeoutError']);

const RETRY_SOON: Readonly<Record<string, string>> = { 'retry-after': '1' };

/** The error a client gets for anything thrown. Only an {@link ApiError} speaks for itself; the rest is no client's business. */
export const apiFailure = (thrown: unknown): ApiError => {
  if (thrown instanceof ApiError) return thrown;
  // Where all retries failed, the cause is what the last one met.
  const errors = [thrown, ...(thrown instanceof Error ? [thrown.cause] : [])].filter((one) => one instanceof Error);
  if (errors.some(({ name }) => TIMED_OUT.has(name))) {
    return new ApiError('timed-out', 'the answer took too long: try again, or ask for fewer rows', {}, RETRY_SOON);
  }
  if (errors.some(isTransient)) {
    return new ApiError('unavailable', 'the tables cannot keep up at the moment: try again soon', {}, RETRY_SOON);
  }
  return new ApiError(
    'internal',
    'something is wrong that is not your fault: try again, and report the requestId if it stays',
  );
};

/** Data, not a page: nothing may run, frame, guess or keep it. */
const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};

const JSON_HEADERS: Readonly<Record<string, string>> = {
  ...HEADERS,
  'content-type': 'application/json; charset=utf-8',
};

/** An answer as API Gateway takes it. */
export const answerResponse = ({ status, body }: ApiAnswer): APIGatewayProxyStructuredResultV2 =>
  body === undefined
    ? { statusCode: status, headers: { ...HEADERS } }
    : { statusCode: status, headers: { ...JSON_HEADERS }, body: JSON.stringify(body) };

/** An error as API Gateway takes it; the id is that of the request, by which its log is found. */
export const errorResponse = (
  { status, code, message, facts, headers }: ApiError,
  requestId: string,
): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: { ...JSON_HEADERS, ...headers },
  body: JSON.stringify({ error: { code, message, ...facts, requestId } }),
});
