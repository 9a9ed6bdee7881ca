import * as z from 'zod/mini';
import { compareKeys } from '../../../state/dynamodb/row-keys.ts';
import type { ServingTable } from '../../../state/dynamodb/serving-table.ts';
import { ApiError } from './api-response.ts';
import type { ApiRequest } from './api-request.ts';
import type { ApiRoute } from './api.ts';
import type { Cursors } from './cursor.ts';
import { pageAnswer } from './page.ts';
import { cursorParameter, keyParameter, limitParameter, readParameters, rowKey, shown } from './parameters.ts';

/** A table as it is read. */
export type ReadTable = Pick<ServingTable, 'row' | 'page'>;

/** What a query API reads from. */
export interface ApiTables {
  /** Undefined for a table that is not to be read. */
  table(name: string): ReadTable | undefined;
  readonly cursors: Cursors;
}

const RANGE = z.object({
  from: z.optional(keyParameter),
  to: z.optional(keyParameter),
  limit: limitParameter,
  cursor: z.optional(cursorParameter),
});

/**
 * Reads any table: `GET /tables/{table}/{key}` for a row, `GET /tables/{table}?from=&to=&limit=&cursor=` for the rows whose
 * keys are from `from` and before `to`, in the order of their bytes.
 *
 * A key may be in the query too, as `?key=`.
 */
export const tableRoutes = (tables: ApiTables): readonly ApiRoute[] => {
  const row: ApiRoute['handle'] = async (request) => {
    const [name, table] = tableOf(tables, request);
    const key = rowKey(request, 'key');
    const value = await table.row(key);
    if (value === undefined) {
      throw new ApiError('no-such-row', `the table ${name} has no row with the key ${shown(key)}`);
    }
    return { status: 200, body: { key, value } };
  };
  const range: ApiRoute['handle'] = async (request) => {
    const [name, table] = tableOf(tables, request);
    const { from, to, limit, cursor } = readParameters(request.query, RANGE);
    if (from !== undefined && to !== undefined && compareKeys(from, to) >= 0) {
      throw new ApiError('bad-parameter', 'to must come after from, in the order of their bytes', { parameter: 'to' });
    }
    return pageAnswer(
      { table, cursors: tables.cursors, hasTime: request.hasTime },
      ['tables', name, from, to],
      cursor,
      {
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        limit,
      },
    );
  };
  return [
    { method: 'GET', path: '/tables/{table}', handle: (request) => (request.query.has('key') ? row : range)(request) },
    { method: 'GET', path: '/tables/{table}/{proxy+}', handle: row },
  ];
};

const tableOf = (tables: ApiTables, { path }: ApiRequest): readonly [string, ReadTable] => {
  const name = path.get('table') ?? '';
  const table = tables.table(name);
  if (table === undefined) throw new ApiError('no-such-table', `no table ${shown(name)}`);
  return [name, table];
};
