import { compareKeys } from '../../../../../shared/state/dynamodb/row-keys.ts';
import type { RowsPage, ServedRow, ServingTable } from '../../../../../shared/state/dynamodb/serving-table.ts';

/** A table in memory, under the rules of the one in DynamoDB, which notes how many rows were read. */
export interface MemoryTable extends ServingTable {
  readonly rowsRead: () => number;
}

/** Makes a table of rows. */
export const memoryTable = (rows: Iterable<readonly [string, unknown]> = []): MemoryTable => {
  const held = new Map(rows);
  let read = 0;
  const inRange = ({ from, to, after }: RowsPage): ServedRow[] =>
    [...held]
      .filter(
        ([key]) =>
          (from === undefined || compareKeys(key, from) >= 0) &&
          (to === undefined || compareKeys(key, to) < 0) &&
          (after === undefined || compareKeys(key, after) > 0),
      )
      .map(([key, value]) => ({ key, value }))
      .sort((one, other) => compareKeys(one.key, other.key));
  return {
    rowsRead: () => read,
    row: (key) => Promise.resolve(held.get(key)),
    page: (range) => {
      const found = inRange(range);
      const rows = found.slice(0, range.limit);
      read += rows.length;
      return Promise.resolve({ rows, next: found.length > rows.length ? rows.at(-1)?.key : undefined });
    },
    put: (rows) => {
      for (const { key, value } of rows) held.set(key, value);
      return Promise.resolve();
    },
    remove: (key) => Promise.resolve(held.delete(key)),
  };
};
