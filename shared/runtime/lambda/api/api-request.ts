import * as z from 'zod/mini';
import { ApiError } from './api-response.ts';
import { parseQueryString } from './parameters.ts';

/** A request to the query API, taken out of API Gateway's event. */
export interface ApiRequest {
  /** What the path has at the places of a route's names. API Gateway has decoded it: a `%` in it is a `%`. */
  readonly path: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, string>;
  readonly contentType: string | undefined;
  readonly body: { readonly text: string; readonly isBase64: boolean } | undefined;
  /** Whether time is left to read more than an answer needs at least. */
  readonly hasTime: () => boolean;
}

/** Left for the answer when no more is read. */
const TIME_TO_ANSWER_MS = 2000;

const EVENT = z.object({
  pathParameters: z.optional(z.record(z.string(), z.optional(z.string()))),
  rawQueryString: z.string(),
  headers: z.record(z.string(), z.optional(z.string())),
  body: z.optional(z.string()),
  isBase64Encoded: z.boolean(),
});

/**
 * Reads an event of an HTTP API in payload format 2.0.
 *
 * The query is read from the raw string, because the decoded form joins what is given twice. Throws an `ApiError` for a query
 * string that is wrong, and a `TypeError` for what no API Gateway sends.
 */
export const apiRequest = (event: unknown, remainingMs: () => number): ApiRequest => {
  const { data, error } = EVENT.safeParse(event);
  if (error !== undefined) {
    const wrong = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new TypeError(`not an event of an HTTP API in payload format 2.0: ${wrong}`);
  }
  const path = Object.entries(data.pathParameters ?? {}).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    path: new Map(path),
    query: parseQueryString(data.rawQueryString),
    contentType: data.headers['content-type'],
    body: data.body === undefined ? undefined : { text: data.body, isBase64: data.isBase64Encoded },
    hasTime: () => remainingMs() > TIME_TO_ANSWER_MS,
  };
};

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/iu;
const BASE64_BYTES_PER_CHARACTER = 0.75;
/** A function that looks into a value by calling itself has stack for many more. */
const MAX_LEVELS = 32;

/**
 * The body of a request as JSON data.
 *
 * Throws an {@link ApiError} for a body that is not declared as JSON, that has more than `maxBytes`, that is nested too deep,
 * or that is not JSON.
 */
export const jsonBody = ({ contentType, body }: ApiRequest, maxBytes: number): unknown => {
  if (contentType === undefined || !JSON_TYPE.test(contentType)) {
    throw new ApiError('unsupported-media-type', "a body must have the header 'content-type: application/json'");
  }
  if (body === undefined) throw new ApiError('bad-body', 'the body is missing: it must be JSON');
  // Only a body that can pass is decoded.
  const minBytes = body.isBase64 ? Math.floor((body.text.length - 2) * BASE64_BYTES_PER_CHARACTER) : body.text.length;
  const bytes = minBytes > maxBytes ? undefined : Buffer.from(body.text, body.isBase64 ? 'base64' : 'utf8');
  if (bytes === undefined || bytes.length > maxBytes) {
    throw new ApiError('body-too-large', `a body may have ${String(maxBytes)} bytes`);
  }
  const value = parsed(bytes);
  if (isDeeperThan(value, MAX_LEVELS)) {
    throw new ApiError('bad-body', `the body may have ${String(MAX_LEVELS)} levels of brackets`);
  }
  return value;
};

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError('bad-body', 'the body is not JSON in UTF-8: check quotes, commas and brackets');
  }
};

const isDeeperThan = (value: unknown, levels: number): boolean => {
  let inside: readonly unknown[] = [value];
  for (let level = 0; level < levels; level += 1) {
    inside = inside.flatMap((one): readonly unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (inside.length === 0) return false;
  }
  return true;
};
