import * as z from 'zod/mini';
import { isRowKey } from '../../../state/dynamodb/row-keys.ts';
import { isWholeNumber } from '../../whole-number.ts';
import { ApiError } from './api-error.ts';
import { shown } from './shown.ts';

const MOST_ROWS = 1000;
const USUAL_ROWS = 100;
const MOST_CURSOR_CHARACTERS = 2048;

/** A text parameter that passes a check; `allowed` goes on with "must be". */
export const textParameter = (isAllowed: (text: string) => boolean, allowed: string): z.ZodMiniString<string> =>
  z.string().check(z.refine(isAllowed, allowed));

/** What keys of rows may be. */
export const ROW_KEY = '1 to 1,000 bytes of UTF-8, without U+0000';

/** The key of a row, or an end of a range of keys. */
export const keyParameter: z.ZodMiniString<string> = textParameter(isRowKey, ROW_KEY);

/** How many rows a page may have. */
export const limitParameter: z.ZodMiniType<number, string | undefined> = z._default(
  z.pipe(
    textParameter((digits) => isWholeNumber(digits, 1, MOST_ROWS), `a whole number from 1 to ${String(MOST_ROWS)}`),
    z.transform(Number),
  ),
  USUAL_ROWS,
);

/** The cursor of the page before. */
export const cursorParameter: z.ZodMiniString<string> = textParameter(
  (text) => text.length >= 1 && text.length <= MOST_CURSOR_CHARACTERS,
  'the cursor of a page, unchanged',
);

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
    throw new ApiError('bad-parameter', `there is no parameter ${shown(name)}; ${allowed}`, { parameter: name });
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
