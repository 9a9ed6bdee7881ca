import { textIn, type Item } from './attributes.ts';
import type { TableReader } from './batch-get.ts';
import { queryAll } from './query-pages.ts';
import { bucketName, isRowKey, referenceKey } from './row-keys.ts';
import { bucketOf } from './bucket.ts';
import { rowsInOrder, type RowsQuery } from './rows-in-order.ts';

/** A row as it is stored. */
export interface StoredRow {
  readonly key: string;
  /** JSON. */
  readonly text: string;
}

/**
 * The rows of a range in the order of their keys, one for each key: where several partition keys have written one, the last of
 * them as the table orders them. A key of which only a ledger is left has no row.
 */
export async function* tableRows(reader: TableReader, query: RowsQuery): AsyncGenerator<StoredRow, void> {
  let open: StoredRow | undefined;
  for await (const item of rowsInOrder(reader, query)) {
    const row = rowIn(item);
    if (row === undefined) continue;
    if (open !== undefined && open.key !== row.key) yield open;
    open = row;
  }
  if (open !== undefined) yield open;
}

/** The row of a key, whoever wrote it; undefined where there is none. */
export const tableRow = async (reader: TableReader, table: string, key: string): Promise<string | undefined> => {
  if (!isRowKey(key)) return undefined;
  const items = await queryAll(reader, {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'b = :b AND begins_with(k, :k)',
    // The key of a row of reference data ends where those that processors write go on with who wrote them.
    ExpressionAttributeValues: { ':b': { S: bucketName(bucketOf(key)) }, ':k': { S: referenceKey(key).k } },
  });
  return items.flatMap((item) => rowIn(item)?.text ?? []).at(-1);
};

/** The row in an item; undefined where it holds only a ledger. */
export const rowIn = (item: Item): StoredRow | undefined => {
  const key = textIn(item, 'key');
  const text = textIn(item, 'value');
  return key === undefined || text === undefined ? undefined : { key, text };
};
