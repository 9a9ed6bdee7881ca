import { inParallel } from '../../aws/in-parallel.ts';
import { queryAll, queryPages, type PartitionQuery, type TableReader } from './calls.ts';
import { textIn, type Item } from './items.ts';
import { ALL_BUCKETS, bucketName, isRowKey, rowKey, sortBounds, type KeyRange } from './row-keys.ts';

/** What is to be read of a table of rows. */
export interface RowsQuery {
  readonly table: string;
  readonly range: KeyRange;
  /** How many rows are read of a bucket at a time; 1 or more. */
  readonly ahead: number;
}

/**
 * All items of a range of keys, in the order of their keys. Each bucket is in that order, so merging them is enough; of each
 * no more is held in memory than what is read ahead.
 */
export async function* rowsInOrder(reader: TableReader, query: RowsQuery): AsyncGenerator<Item, void> {
  const queries = bucketQueries(query);
  const heads = await inParallel(queries.length, queries, async (one) => {
    const head = new BucketHead(reader, one);
    await head.fill();
    return head;
  });
  for (;;) {
    let first: BucketHead | undefined;
    for (const head of heads) {
      if (head.bytes !== undefined && (first?.bytes === undefined || head.bytes.compare(first.bytes) < 0)) first = head;
    }
    if (first?.item === undefined) return;
    yield first.item;
    await first.next();
  }
}

/** A row as it is stored. */
export interface StoredRow {
  readonly key: string;
  /** JSON. */
  readonly text: string;
}

/** The rows of a range in the order of their keys. A key of which only a ledger or its past is left has no row. */
export async function* tableRows(reader: TableReader, query: RowsQuery): AsyncGenerator<StoredRow, void> {
  for await (const item of rowsInOrder(reader, query)) {
    const row = rowIn(item);
    if (row !== undefined) yield row;
  }
}

/** The row of a key, as it is now; undefined where it has none. */
export const tableRow = async (reader: TableReader, table: string, key: string): Promise<string | undefined> => {
  if (!isRowKey(key)) return undefined;
  const { b, k } = rowKey(key);
  const items = await queryAll(reader, {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'b = :b AND k = :k',
    ExpressionAttributeValues: { ':b': { S: b }, ':k': { S: k } },
  });
  return items.flatMap((item) => rowIn(item)?.text ?? []).at(0);
};

/** The row in an item; undefined where it has none. */
export const rowIn = (item: Item): StoredRow | undefined => {
  const key = textIn(item, 'key');
  const text = textIn(item, 'value');
  return key === undefined || text === undefined ? undefined : { key, text };
};

const bucketQueries = ({ table, range, ahead }: RowsQuery): readonly PartitionQuery[] => {
  const bounds = sortBounds(range);
  if (bounds === undefined) return [];
  const { low, high } = bounds;
  const condition = [
    'b = :b',
    ...(low !== undefined && high !== undefined ? ['k BETWEEN :low AND :high'] : []),
    ...(low !== undefined && high === undefined ? ['k >= :low'] : []),
    ...(low === undefined && high !== undefined ? ['k <= :high'] : []),
  ].join(' AND ');
  return ALL_BUCKETS.map((bucket) => ({
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: condition,
    ExpressionAttributeValues: {
      ':b': { S: bucketName(bucket) },
      ...(low !== undefined && { ':low': { S: low } }),
      ...(high !== undefined && { ':high': { S: high } }),
    },
    Limit: ahead,
  }));
};

/** The first item of a bucket that was not yielded yet. */
class BucketHead {
  item: Item | undefined;
  /** Its sort key, in the order of DynamoDB. */
  bytes: Buffer | undefined;
  readonly #pages: AsyncGenerator<readonly Item[], void>;
  #page: readonly Item[] = [];
  #at = 0;

  constructor(reader: TableReader, query: PartitionQuery) {
    this.#pages = queryPages(reader, query);
  }

  async next(): Promise<void> {
    this.#at += 1;
    await this.fill();
  }

  async fill(): Promise<void> {
    while (this.#at >= this.#page.length) {
      const page = await this.#pages.next();
      if (page.done === true) {
        this.item = undefined;
        this.bytes = undefined;
        return;
      }
      this.#page = page.value;
      this.#at = 0;
    }
    this.item = this.#page[this.#at];
    this.bytes = this.item === undefined ? undefined : Buffer.from(textIn(this.item, 'k') ?? '');
  }
}
