import type { RowsPage, ServedRow, ServingTable } from '../../../state/dynamodb/serving-table.ts';

/** The rows of an answer, and the key behind which the next one goes on. */
export interface RowPage {
  readonly rows: readonly ServedRow[];
  /** Undefined where the range is at its end. */
  readonly next: string | undefined;
}

/** What ends a page before it has as many rows as asked for. */
export interface PageBounds {
  /** Whether a row is to be shown. @default - every row is */
  readonly matches?: (row: ServedRow) => boolean;
  /** Whether there is time to read more. */
  readonly hasTime: () => boolean;
}

/** Rows held in memory at a time: an item may have 400 KB. */
const ROWS_A_READ = 100;
/** A page reads so many rows at most, however few of them are shown. */
const MOST_ROWS_READ = 2000;
/** Lambda takes 6 MB of JSON, in which the body is a text: its quotes and backslashes count twice. */
const MOST_BODY_BYTES = 5_000_000;

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
    const limit = Math.min(ROWS_A_READ, matches === undefined ? range.limit - rows.length : MOST_ROWS_READ - read);
    const part = await table.page({ ...range, ...(after !== undefined && { after }), limit });
    for (const row of part.rows) {
      if (rows.length === range.limit) return { rows, next: after };
      if (matches?.(row) !== false) {
        bytes += bytesInBody(row);
        if (rows.length > 0 && bytes > MOST_BODY_BYTES) return { rows, next: after };
        rows.push(row);
      }
      after = row.key;
    }
    if (part.next === undefined) return { rows, next: undefined };
    after = part.next;
    read += Math.max(1, part.rows.length);
  } while (rows.length < range.limit && read < MOST_ROWS_READ && hasTime());
  return { rows, next: after };
};

const bytesInBody = (row: ServedRow): number => Buffer.byteLength(JSON.stringify(JSON.stringify(row)));
