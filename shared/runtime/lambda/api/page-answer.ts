import type { RowsPage, ServingTable } from '../../../state/dynamodb/serving-table.ts';
import type { ApiAnswer } from './api-response.ts';
import type { Cursors, CursorScope } from './cursor.ts';
import { readPage, type PageBounds } from './row-page.ts';

/** Where a page is read from, and what bounds it. */
export interface PageSource extends PageBounds {
  readonly table: Pick<ServingTable, 'page'>;
  readonly cursors: Cursors;
}

/**
 * Answers with the next rows of a query, and with a cursor where there may be more.
 *
 * The scope must hold all that decides which rows the query has. Throws an `ApiError` for a cursor of another one.
 */
export const pageAnswer = async (
  { cursors, table, ...bounds }: PageSource,
  scope: CursorScope,
  cursor: string | undefined,
  range: Omit<RowsPage, 'after'>,
): Promise<ApiAnswer> => {
  const after = cursor === undefined ? undefined : await cursors.open(scope, cursor);
  const { rows, next } = await readPage(table, { ...range, ...(after !== undefined && { after }) }, bounds);
  return {
    status: 200,
    body: { rows, ...(next !== undefined && { cursor: await cursors.seal(scope, next) }) },
  };
};
