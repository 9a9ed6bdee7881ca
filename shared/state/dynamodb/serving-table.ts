import { setTimeout } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { MAX_ITEM_BYTES } from '../state-store.ts';
import { batchGet, type TableReader } from './calls.ts';
import { conditionalPuts, type Condition, type ConditionalPut } from './conditional-puts.ts';
import { itemBytes } from './item-size.ts';
import { numberIn, textIn, type Item } from './items.ts';
import { bareItem, editedItem } from './row-history.ts';
import { ALL_BUCKETS, isRowKey, LOADED_MARK, rowKey, type KeyRange } from './row-keys.ts';
import { rowIn, tableRow, tableRows } from './rows.ts';

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

/** How rows are put. */
interface PutOptions {
  /** Whether more rows of the same load follow. @default false */
  readonly more?: boolean;
}

/** A table of a deployed topology, for queries and for loading reference data. */
export interface ServingTable {
  /** The row of a key; undefined where it has none. */
  row(key: string): Promise<unknown>;
  /** Rows in the order of their keys. `next` is the key after which to go on (`after`), undefined at the end. */
  page(page: RowsPage): Promise<{ readonly rows: readonly ServedRow[]; readonly next: string | undefined }>;
  /**
   * Writes rows of reference data over those that exist; of several with one key the last counts. What a row was is kept,
   * and records see the edit that arrive two minutes later or after: by then every environment has read the table again. The
   * rows of a table's first load count at once. A row that is as it was is not written.
   *
   * Throws a `RangeError`, before anything is written, for a key or a row that the table cannot hold.
   */
  put(rows: readonly ServedRow[], options?: PutOptions): Promise<void>;
  /** Takes a row of reference data away, as an edit like any other. Resolves to whether there was one. */
  remove(key: string): Promise<boolean>;
}

const MAX_PAGE_ROWS = 1000;
const MAX_CALL_MS = 10_000;

/**
 * Opens a table by its physical name. What DynamoDB throttles is retried, for 10 seconds; when many rows are put, as long as
 * some of them are written in every 10 seconds.
 */
export const servingTable = (
  client: DynamoDBClient,
  physicalName: string,
  nowMs: () => number = Date.now,
): ServingTable => {
  const reader = (): TableReader => {
    const deadlineMs = Date.now() + MAX_CALL_MS;
    return { client, nowMs: Date.now, sleep: (ms) => setTimeout(ms), deadlineMs: () => deadlineMs };
  };

  /** Edits rows, each by its JSON, until no other writer comes between. Resolves to those that existed before. */
  const edit = async (
    texts: ReadonlyMap<string, string | undefined>,
    { more = false }: PutOptions = {},
  ): Promise<ReadonlySet<string>> => {
    const existed = new Set<string>();
    let open = new Set(texts.keys());
    while (open.size > 0) {
      const keys = [...[...open].map(rowKey), LOADED_MARK].map(({ b, k }): Item => ({ b: { S: b }, k: { S: k } }));
      const found = new Map((await batchGet(reader(), physicalName, keys)).map((item) => [textIn(item, 'key'), item]));
      const isFirstLoad = !found.has(undefined);
      const edits = [...open].flatMap((key): readonly (ConditionalPut & { readonly key: string })[] => {
        const before = found.get(key);
        if (before !== undefined && rowIn(before) !== undefined) existed.add(key);
        const item = editedItem({ key, text: texts.get(key), before, nowMs: nowMs(), isFirstLoad });
        return item === undefined ? [] : [{ key, table: physicalName, item, condition: isEdit(before) }];
      });
      const outcomes = await conditionalPuts(client, reader(), edits);
      const left = edits.filter((_, index) => outcomes[index] !== 'written');
      const hopeless = outcomes.findIndex((outcome) => outcome === 'too-large' || outcome === 'refused');
      if (hopeless >= 0) throw unwritable(edits[hopeless]?.key ?? '', 'DynamoDB refuses it');
      if (left.length > 0 && left.length === edits.length && !outcomes.includes('conflict')) {
        throw new Error(
          `${String(left.length)} rows or more of table '${physicalName}' could not be written in the time that was left: write them again, it does no harm`,
        );
      }
      open = new Set(left.map(({ key }) => key));
      if (open.size === 0 && isFirstLoad && !more) await markLoaded();
    }
    return existed;
  };
  const markLoaded = async (): Promise<void> => {
    const { b, k } = LOADED_MARK;
    const mark = { table: physicalName, item: { b: { S: b }, k: { S: k } }, condition: {} };
    const [outcome] = await conditionalPuts(client, reader(), [mark]);
    if (outcome !== 'written')
      throw new Error(`table '${physicalName}' could not be marked as loaded: write its rows again`);
  };

  return {
    row: async (key) => {
      const text = await tableRow(reader(), physicalName, key);
      const value: unknown = text === undefined ? undefined : JSON.parse(text);
      return value;
    },
    page: async ({ limit, ...range }) => {
      if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_PAGE_ROWS) {
        throw new RangeError(`a page has 1 to ${String(MAX_PAGE_ROWS)} rows, got a limit of ${String(limit)}`);
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
    put: async (rows, options) => {
      await edit(new Map(rows.map(({ key, value }) => [key, checkedText(key, value)])), options);
    },
    remove: async (key) => isRowKey(key) && (await edit(new Map([[key, undefined]]), { more: true })).has(key),
  };
};

/** That no other edit came after the item was read. */
const isEdit = (before: Item | undefined): Condition => {
  if (before === undefined) return { ConditionExpression: 'attribute_not_exists(b)' };
  const edits = numberIn(before, 'e');
  if (edits === undefined) return { ConditionExpression: 'attribute_not_exists(e)' };
  return { ConditionExpression: 'e = :e', ExpressionAttributeValues: { ':e': { N: String(edits) } } };
};

/** The JSON of a row that the table can hold. */
const checkedText = (key: string, value: unknown): string => {
  if (!isRowKey(key)) throw badKey('the key of a row', key);
  const text: unknown = JSON.stringify(value);
  if (typeof text !== 'string') throw unwritable(key, `it must be a JSON value, got ${typeof value}`);
  const bytes = itemBytes(bareItem(key, text)) + EDIT_BYTES;
  if (bytes > MAX_ITEM_BYTES) {
    throw unwritable(
      key,
      `it has ${String(bytes)} bytes, at most ${String(MAX_ITEM_BYTES)} are stored: keep less in a row`,
    );
  }
  return text;
};

/** What the count of edits and an empty past take. */
const EDIT_BYTES = 50;

const unwritable = (key: string, why: string): RangeError =>
  new RangeError(`the row of key '${key}' cannot be written: ${why}`);

const badKey = (what: string, key: string): RangeError =>
  new RangeError(
    `${what} must be text of 1 to 1000 bytes in UTF-8 without U+0000, got ${JSON.stringify(key.slice(0, 100))} with ${String(Buffer.byteLength(key))} bytes`,
  );
