import * as z from 'zod/mini';
import { isRowKey } from '../../../state/dynamodb/row-keys.ts';
import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-request.ts';
import { keyParameter, readParameters, ROW_KEY } from './parameters.ts';
import { shown } from './shown.ts';

/** The rest of a path, slashes included: what a route that ends in `/{proxy+}` leaves of it. */
const REST = 'proxy';

/**
 * The key of the row that a request is about: what follows in the path, or the query parameter `name`.
 *
 * The parameter is for keys that no path can carry: API Gateway cuts a path at a `?` even when it is encoded. Throws an
 * {@link ApiError} where there are both or none, for a key that no row can have, and for any other parameter.
 */
export const rowKey = ({ path, query }: ApiRequest, name: string): string => {
  const rest = path.get(REST);
  readParameters(query, rest === undefined ? z.object({ [name]: keyParameter }) : z.object({}));
  const key = rest ?? query.get(name) ?? '';
  if (isRowKey(key)) return key;
  throw new ApiError('bad-parameter', `${name} must be ${ROW_KEY}, got ${shown(key)}`, { parameter: name });
};
