import * as z from 'zod/mini';
import { parseQueryString } from './query-string.ts';

/** A request to the query API, taken out of API Gateway's event. */
export interface ApiRequest {
  /** What stood in the path at the places of a route's names. API Gateway has decoded it: a `%` in it is a `%`. */
  readonly path: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, string>;
  readonly contentType: string | undefined;
  readonly body: { readonly text: string; readonly isBase64: boolean } | undefined;
  /** Whether there is time to read more than what an answer needs at least. */
  readonly hasTime: () => boolean;
}

/** What is left for the answer when no more is read. */
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
