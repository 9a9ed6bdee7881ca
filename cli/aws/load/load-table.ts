import type { RowsPage, ServedRow, ServingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import type { Interrupt } from '../../run/interrupt.ts';
import { withAwsErrors } from '../calls.ts';

export interface LoadOptions {
  readonly table: Pick<ServingTable, 'put' | 'page' | 'remove'>;
  /** What errors call it. */
  readonly tableName: string;
  readonly rows: readonly ServedRow[];
  /** Removes what the table has and the rows have not. */
  readonly replace: boolean;
  readonly interrupt: Interrupt;
  /** Called with the number of rows written so far. */
  readonly after: (written: number) => void;
}

/** What loading came to. */
export interface Loaded {
  readonly written: number;
  readonly removed: number;
  /** False where the user wanted an end first. */
  readonly finished: boolean;
}

/** Enough that the table is kept busy, few enough that the progress moves. */
const ROWS_AT_ONCE = 500;
const PAGE_ROWS = 1000;

/** Writes rows of reference data. To load the same rows twice is to load them once, so an end in the middle is made good by loading again. */
export const loadTable = async (options: LoadOptions): Promise<Loaded> => {
  const { table, tableName, rows, replace, interrupt, after } = options;
  const doing = `loading ${tableName}`;
  let written = 0;
  let removed = 0;
  while (written < rows.length) {
    if (interrupt.signal !== undefined) return { written, removed, finished: false };
    const some = rows.slice(written, written + ROWS_AT_ONCE);
    await withAwsErrors(doing, () => table.put(some, { more: written + some.length < rows.length }));
    written += some.length;
    after(written);
  }
  if (!replace) return { written, removed, finished: true };
  const keep = new Set(rows.map(({ key }) => key));
  let next: string | undefined;
  do {
    const range: RowsPage = { limit: PAGE_ROWS, after: next };
    const page = await withAwsErrors(doing, () => table.page(range));
    for (const { key } of page.rows) {
      if (keep.has(key)) continue;
      if (interrupt.signal !== undefined) return { written, removed, finished: false };
      if (await withAwsErrors(doing, () => table.remove(key))) removed += 1;
    }
    next = page.next;
  } while (next !== undefined);
  return { written, removed, finished: true };
};
