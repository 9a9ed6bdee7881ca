import { textIn, type Item } from './attributes.ts';
import type { TableReader } from './batch-get.ts';
import { ALL_BUCKETS } from './bucket.ts';
import { inParallel } from '../../aws/in-parallel.ts';
import { queryPages, type PartitionQuery } from './query-pages.ts';
import { bucketName, sortBounds, type KeyRange } from './row-keys.ts';

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

/** The first item of a bucket that was not given out yet. */
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
