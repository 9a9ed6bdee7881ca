/** Why a request was not done: stable names, for programs. */
export type ApiErrorCode =
  | 'bad-body'
  | 'bad-cursor'
  | 'bad-parameter'
  | 'body-too-large'
  | 'internal'
  | 'method-not-allowed'
  | 'no-such-route'
  | 'no-such-row'
  | 'no-such-station'
  | 'no-such-table'
  | 'timed-out'
  | 'unavailable'
  | 'unsupported-media-type';

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
} as const satisfies Record<ApiErrorCode, number>;

/** A request that is answered with an error: what its client is told, and nothing that it must not know. */
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
