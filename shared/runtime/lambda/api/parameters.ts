import * as z from 'zod/mini';
import { isRowKey } from '../../../state/dynamodb/row-keys.ts';
import { isWholeNumber } from '../../whole-number.ts';
import type { ApiRequest } from './api-request.ts';
import { ApiError } from './api-response.ts';

/** More than API Gateway takes of a whole request line and its headers. */
const MAX_QUERY_CHARS = 10_240;
const MAX_CURSOR_CHARS = 2048;
const MAX_ROWS = 1000;
const DEFAULT_ROWS = 100;

/** A text parameter that passes a check; `allowed` goes on with "must be". */
export const textParameter = (isAllowed: (text: string) => boolean, allowed: string): z.ZodMiniString<string> =>
  z.string().check(z.refine(isAllowed, allowed));

const ROW_KEY = '1 to 1,000 bytes of UTF-8, without U+0000';

/** The key of a row, or an end of a range of keys. */
export const keyParameter: z.ZodMiniString<string> = textParameter(isRowKey, ROW_KEY);

/** How many rows a page may have. */
export const limitParameter: z.ZodMiniType<number, string | undefined> = z._default(
  z.pipe(
    textParameter((digits) => isWholeNumber(digits, 1, MAX_ROWS), `a whole number from 1 to ${String(MAX_ROWS)}`),
    z.transform(Number),
  ),
  DEFAULT_ROWS,
);

/** The cursor of the page before. */
export const cursorParameter: z.ZodMiniString<string> = textParameter(
  (text) => text.length >= 1 && text.length <= MAX_CURSOR_CHARS,
  'the cursor of a page, unchanged',
);

/**
 * The parameters of a query string, by name, decoded once; `+` is a blank.
 *
 * Throws an {@link ApiError} for one that is too long, that is not percent-encoded UTF-8, or that names a parameter twice: a
 * reader that takes the first and a reader that takes the last would see two different requests.
 */
export const parseQueryString = (raw: string): ReadonlyMap<string, string> => {
  if (raw.length > MAX_QUERY_CHARS) {
    throw new ApiError(
      'bad-parameter',
      `the query string may have ${String(MAX_QUERY_CHARS)} characters, got ${String(raw.length)}`,
    );
  }
  const parameters = new Map<string, string>();
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    if (parameters.has(name)) {
      throw new ApiError('bad-parameter', `the parameter ${shown(name)} is given twice: give it once`, {
        parameter: name,
      });
    }
    parameters.set(name, equals < 0 ? '' : decoded(pair.slice(equals + 1)));
  }
  return parameters;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ApiError(
      'bad-parameter',
      `the query string must be percent-encoded UTF-8, got ${shown(text)}; a plain '%' is written '%25'`,
    );
  }
};

/**
 * Reads the parameters of a query by their schemas. Throws an {@link ApiError} for the first that is wrong, missing or not
 * known.
 */
export const readParameters = <Shape extends z.core.$ZodShape>(
  query: ReadonlyMap<string, string>,
  schema: z.ZodMiniObject<Shape>,
): z.output<z.ZodMiniObject<Shape>> => {
  const names = Object.keys(schema.shape);
  for (const name of query.keys()) {
    if (names.includes(name)) continue;
    const allowed = names.length === 0 ? 'this request takes none' : `allowed are ${names.join(', ')}`;
    throw new ApiError('bad-parameter', `unknown parameter ${shown(name)}; ${allowed}`, { parameter: name });
  }
  const { data, error } = schema.safeParse(Object.fromEntries(query));
  if (error === undefined) return data;
  const [issue] = error.issues;
  const name = String(issue?.path[0]);
  const given = query.get(name);
  throw new ApiError(
    'bad-parameter',
    given === undefined ? `${name} is missing` : `${name} must be ${issue?.message ?? 'another'}, got ${shown(given)}`,
    { parameter: name },
  );
};

/** The rest of a path, slashes included: what a route that ends in `/{proxy+}` leaves of it. */
const REST = 'proxy';

/**
 * The key of the row that a request is about: the rest of the path, or the query parameter `name`.
 *
 * The parameter is for keys that no path can carry: API Gateway cuts a path at a `?` even when it is encoded. Throws an
 * {@link ApiError} where both or neither is given, for a key that no row can have, and for any other parameter.
 */
export const rowKey = ({ path, query }: ApiRequest, name: string): string => {
  const rest = path.get(REST);
  readParameters(query, rest === undefined ? z.object({ [name]: keyParameter }) : z.object({}));
  const key = rest ?? query.get(name) ?? '';
  if (isRowKey(key)) return key;
  throw new ApiError('bad-parameter', `${name} must be ${ROW_KEY}, got ${shown(key)}`, { parameter: name });
};

const MAX_SHOWN_CHARS = 60;

/**
 * Text of a client as an error shows it to the client: quoted, short, and with nothing a terminal or a log would obey.
 *
 * @example
 * ```ts
 * shown('US-AZ'); // '"US-AZ"'
 * shown('a\nb'); // '"a\\nb"'
 * ```
 */
export const shown = (text: string): string => {
  // JSON leaves DEL and the C1 controls as they are.
  const quoted = JSON.stringify(text.slice(0, MAX_SHOWN_CHARS)).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, '\ufffd');
  return text.length <= MAX_SHOWN_CHARS ? quoted : `${quoted}...`;
};
