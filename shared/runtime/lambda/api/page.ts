import type { RowsPage, ServedRow, ServingTable } from '../../../state/dynamodb/serving-table.ts';
import type { ApiAnswer } from './api-response.ts';
import type { Cursors, CursorScope } from './cursor.ts';

/** The rows of an answer, and the key after which the next one goes on. */
export interface RowPage {
  readonly rows: readonly ServedRow[];
  /** Undefined where the range is at its end. */
  readonly next: string | undefined;
}

/** What ends a page before it has as many rows as asked for. */
export interface PageBounds {
  /** Whether a row is to be shown. @default - every row is */
  readonly matches?: (row: ServedRow) => boolean;
  /** Whether time is left to read more. */
  readonly hasTime: () => boolean;
}

/** Rows held in memory at a time: an item may have 400 KB. */
const ROWS_PER_READ = 100;
/** Rows a page reads, however few of them are shown. */
const MAX_ROWS_READ = 2000;
/** Lambda takes 6 MB of JSON, in which the body is a text: its quotes and backslashes count twice. */
const MAX_BODY_BYTES = 5_000_000;

/**
 * Reads the next rows of a range, as many as `limit` and no more than an answer can hold or a request may read: then the page
 * is shorter, or empty, and goes on. The first row always fits.
 */
export const readPage = async (
  table: Pick<ServingTable, 'page'>,
  range: RowsPage,
  { matches, hasTime }: PageBounds,
): Promise<RowPage> => {
  const rows: ServedRow[] = [];
  let { after } = range;
  let bytes = 0;
  let read = 0;
  do {
    const limit = Math.min(ROWS_PER_READ, matches === undefined ? range.limit - rows.length : MAX_ROWS_READ - read);
    const part = await table.page({ ...range, ...(after !== undefined && { after }), limit });
    for (const row of part.rows) {
      if (rows.length === range.limit) return { rows, next: after };
      if (matches?.(row) !== false) {
        bytes += bytesInBody(row);
        if (rows.length > 0 && bytes > MAX_BODY_BYTES) return { rows, next: after };
        rows.push(row);
      }
      after = row.key;
    }
    if (part.next === undefined) return { rows, next: undefined };
    after = part.next;
    read += Math.max(1, part.rows.length);
  } while (rows.length < range.limit && read < MAX_ROWS_READ && hasTime());
  return { rows, next: after };
};

const bytesInBody = (row: ServedRow): number => Buffer.byteLength(JSON.stringify(JSON.stringify(row)));

/** Where a page is read from, and what bounds it. */
export interface PageSource extends PageBounds {
  readonly table: Pick<ServingTable, 'page'>;
  readonly cursors: Cursors;
}

/**
 * Answers with the next rows of a query, and with a cursor where more may follow.
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
