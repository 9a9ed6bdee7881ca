import { setTimeout } from 'node:timers/promises';
import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Item } from './attributes.ts';
import type { TableReader } from './batch-get.ts';
import { ALL_BUCKETS } from './bucket.ts';
import { itemBytes, MOST_ITEM_BYTES } from './item-size.ts';
import { readInTime } from './read-in-time.ts';
import { isRowKey, referenceKey, type KeyRange } from './row-keys.ts';
import { tableRow, tableRows } from './table-rows.ts';
import { writeRows } from './write-rows.ts';

/** A row of a table, as its users see it. */
export interface ServedRow {
  readonly key: string;
  readonly value: unknown;
}

/** Which rows are asked for: a range of keys, by their bytes in UTF-8. */
export interface RowsPage extends KeyRange {
  /** 1 to 1000. */
  readonly limit: number;
}

/** A table of a deployed topology, for whoever queries it or loads reference data. */
export interface ServingTable {
  /** The row of a key; undefined where there is none. */
  row(key: string): Promise<unknown>;
  /** Rows in the order of their keys. `next` is what to go on behind (`after`), undefined at the end. */
  page(page: RowsPage): Promise<{ readonly rows: readonly ServedRow[]; readonly next: string | undefined }>;
  /**
   * Writes rows of reference data over those there are; of several with one key the last counts. Throws a `RangeError`,
   * before anything is written, for a key or a row that the table cannot hold.
   */
  put(rows: readonly ServedRow[]): Promise<void>;
  /** Takes a row of reference data away. Resolves to whether there was one. */
  remove(key: string): Promise<boolean>;
}

const MOST_ROWS = 1000;
const LONGEST_CALL_MS = 10_000;

/**
 * Opens a table by its physical name. What DynamoDB throttles is tried again, for 10 seconds; when many rows are put, for 10
 * seconds with every 25 of them.
 */
export const servingTable = (client: DynamoDBClient, physicalName: string): ServingTable => {
  const reader = (): TableReader => {
    const deadlineMs = Date.now() + LONGEST_CALL_MS;
    return { client, nowMs: Date.now, sleep: (ms) => setTimeout(ms), deadlineMs: () => deadlineMs };
  };
  return {
    row: async (key) => {
      const text = await tableRow(reader(), physicalName, key);
      const value: unknown = text === undefined ? undefined : JSON.parse(text);
      return value;
    },
    page: async ({ limit, ...range }) => {
      if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_ROWS) {
        throw new RangeError(`a page has 1 to ${String(MOST_ROWS)} rows, got a limit of ${String(limit)}`);
      }
      for (const [name, key] of Object.entries(range)) {
        if (key !== undefined && key !== '' && !isRowKey(key)) throw badKey(`'${name}'`, key);
      }
      const rows: ServedRow[] = [];
      // As many as fill the page where keys are spread evenly; a bucket that has more of them is asked again.
      const ahead = Math.ceil(limit / ALL_BUCKETS.length) + 2;
      for await (const { key, text } of tableRows(reader(), { table: physicalName, range, ahead })) {
        if (rows.length === limit) return { rows, next: rows.at(-1)?.key };
        const value: unknown = JSON.parse(text);
        rows.push({ key, value });
      }
      return { rows, next: undefined };
    },
    put: async (rows) => {
      const items = new Map(rows.map(({ key, value }): [string, Item] => [key, referenceItem(key, value)]));
      await writeRows(reader, physicalName, [...items.values()]);
    },
    remove: async (key) => {
      if (!isRowKey(key)) return false;
      const { b, k } = referenceKey(key);
      return readInTime(`the answer of table '${physicalName}'`, reader(), async (abortSignal) => {
        const removal = new DeleteItemCommand({
          TableName: physicalName,
          Key: { b: { S: b }, k: { S: k } },
          ReturnValues: 'ALL_OLD',
        });
        const { Attributes } = await client.send(removal, { abortSignal });
        return { kind: 'done', value: Attributes !== undefined };
      });
    },
  };
};

const referenceItem = (key: string, value: unknown): Item => {
  if (!isRowKey(key)) throw badKey('the key of a row', key);
  const text: unknown = JSON.stringify(value);
  if (typeof text !== 'string')
    throw new RangeError(`the row of key '${key}' must be a JSON value, got ${typeof value}`);
  const { b, k } = referenceKey(key);
  const item: Item = { b: { S: b }, k: { S: k }, key: { S: key }, value: { S: text } };
  const bytes = itemBytes(item);
  if (bytes > MOST_ITEM_BYTES) {
    throw new RangeError(
      `the row of key '${key}' would have ${String(bytes)} bytes, at most ${String(MOST_ITEM_BYTES)} are stored: keep less in a row`,
    );
  }
  return item;
};

const badKey = (what: string, key: string): RangeError =>
  new RangeError(
    `${what} must be text of 1 to 1000 bytes in UTF-8 without U+0000, got ${JSON.stringify(key.slice(0, 100))} with ${String(Buffer.byteLength(key))} bytes`,
  );
