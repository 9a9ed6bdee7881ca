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
  prefix: z.optional(keyParameter),
  limit: limitParameter,
  cursor: z.optional(cursorParameter),
});

/**
 * Reads any table: `GET /tables/{table}/{key}` for a row, `GET /tables/{table}?from=&to=&limit=&cursor=` for the rows whose
 * keys are from `from` and before `to`, in the order of their bytes, and `?prefix=` for those whose keys begin so.
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
    const { prefix, limit, cursor, ...ends } = readParameters(request.query, RANGE);
    if (prefix !== undefined && (ends.from !== undefined || ends.to !== undefined)) {
      throw new ApiError('bad-parameter', 'prefix is a range of its own: leave out from and to', {
        parameter: 'prefix',
      });
    }
    const { from, to } = prefix === undefined ? ends : { from: prefix, to: keyAfterPrefix(prefix) };
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

const MAX_CODE_POINT = 0x10ffff;
const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_AFTER_SURROGATES = 0xe000;

/**
 * The first key after all that begin with a prefix, in the order of their bytes; undefined where no key can come after them.
 *
 * @example
 * ```ts
 * keyAfterPrefix('US-AZ/'); // 'US-AZ0'
 * ```
 */
export const keyAfterPrefix = (prefix: string): string | undefined => {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const code = last.codePointAt(0) ?? MAX_CODE_POINT;
    // No character has the code of a surrogate. The order of characters is that of their bytes in UTF-8.
    const next = code === LAST_BEFORE_SURROGATES ? FIRST_AFTER_SURROGATES : code + 1;
    if (code < MAX_CODE_POINT) return characters.join('') + String.fromCodePoint(next);
  }
  return undefined;
};

const tableOf = (tables: ApiTables, { path }: ApiRequest): readonly [string, ReadTable] => {
  const name = path.get('table') ?? '';
  const table = tables.table(name);
  if (table === undefined) throw new ApiError('no-such-table', `no table ${shown(name)}`);
  return [name, table];
};
