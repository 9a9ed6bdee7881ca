import * as z from 'zod/mini';
import type { ServingTable } from '../../../state/dynamodb/serving-table.ts';
import { ApiError } from './api-response.ts';
import type { ApiRoute } from './api.ts';
import type { Cursors } from './cursor.ts';
import { jsonBody } from './api-request.ts';
import { pageAnswer } from './page.ts';
import { cursorParameter, limitParameter, readParameters, rowKey, shown } from './parameters.ts';

/** What can be edited, and how it is checked. */
export interface ReferenceOptions {
  /** For example `/rules`: rows are at `/rules/{id}`, or `/rules?id=`. */
  readonly path: string;
  readonly table: ServingTable;
  readonly cursors: Cursors;
  /** The row that data from outside makes under an id. Throws an `ApiError` for data that makes none. */
  readonly rowOf: (id: string, data: unknown) => unknown;
}

const MAX_BODY_BYTES = 16_384;

const PAGE = z.object({ limit: limitParameter, cursor: z.optional(cursorParameter) });

/** Reads and edits a table of reference data: `GET`, `PUT` and `DELETE` of a row by its id, and `GET` of all, in pages. */
export const referenceRoutes = ({ path, table, cursors, rowOf }: ReferenceOptions): readonly ApiRoute[] => {
  const noSuchRow = (id: string): ApiError => new ApiError('no-such-row', `no row with the id ${shown(id)} at ${path}`);

  const one: ApiRoute['handle'] = async (request) => {
    const key = rowKey(request, 'id');
    const value = await table.row(key);
    if (value === undefined) throw noSuchRow(key);
    return { status: 200, body: { key, value } };
  };
  const all: ApiRoute['handle'] = ({ query, hasTime }) => {
    const { limit, cursor } = readParameters(query, PAGE);
    return pageAnswer({ table, cursors, hasTime }, ['reference', path], cursor, { limit });
  };
  const put: ApiRoute['handle'] = async (request) => {
    const key = rowKey(request, 'id');
    const value = rowOf(key, jsonBody(request, MAX_BODY_BYTES));
    await table.put([{ key, value }]);
    return { status: 200, body: { key, value } };
  };
  const remove: ApiRoute['handle'] = async (request) => {
    const key = rowKey(request, 'id');
    if (!(await table.remove(key))) throw noSuchRow(key);
    return { status: 204 };
  };
  return [
    { method: 'GET', path, handle: (request) => (request.query.has('id') ? one : all)(request) },
    { method: 'PUT', path, handle: put },
    { method: 'DELETE', path, handle: remove },
    { method: 'GET', path: `${path}/{proxy+}`, handle: one },
    { method: 'PUT', path: `${path}/{proxy+}`, handle: put },
    { method: 'DELETE', path: `${path}/{proxy+}`, handle: remove },
  ];
};
