import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RetryPolicy } from '../../aws/retry.ts';
import type { TablePort, TableRows } from '../../engine/ports.ts';
import { batchGet, type TableReader } from './calls.ts';
import { textIn, type Item } from './items.ts';
import { formerRowsOf, pastOf, TABLE_CACHE_MS, type FormerText } from './row-history.ts';
import { isRowKey, LOADED_MARK, rowKey } from './row-keys.ts';
import { rowIn, rowsInOrder } from './rows.ts';
import { TimedCache } from './timed-cache.ts';

/** Where the tables are that processors look into. */
export interface DynamoTablesOptions extends RetryPolicy {
  readonly client: DynamoDBClient;
  /** Tables that processors fill, by table of the topology. */
  readonly tables: Readonly<Record<string, string>>;
  /** Tables of reference data, by table of the topology. */
  readonly references: Readonly<Record<string, string>>;
}

/** For how long it is kept that a row does not exist: short, because it may just be on its way. */
const ABSENT_CACHE_MS = 15_000;
const MAX_CACHED_ROWS = 20_000;
/** How many rows are read of a bucket at a time. */
const ROWS_AHEAD = 1000;

/**
 * Tables in DynamoDB. Reference data is kept for a minute, and so is each table that is read whole; rows of a table that a
 * processor fills are read each time.
 *
 * What rows of reference data were is known for 25 hours; call `formerRows` after `rows` or `all`, so that no edit falls between.
 * Of a table that a processor fills no past is known.
 */
export const dynamoTables = (options: DynamoTablesOptions): TablePort => {
  const { nowMs } = options;
  const tables = new Map(Object.entries(options.tables));
  const references = new Map(
    Object.entries(options.references).map(([table, physical]) => [table, referenceRows(options, physical)]),
  );
  const whole = new Map<string, WholeTable>();

  const all = async (table: string): Promise<WholeTable> => {
    const known = whole.get(table);
    if (known !== undefined && known.untilMs > nowMs()) return known;
    const physical = options.references[table] ?? physicalName(tables, table);
    const read = await readWhole(options, physical, known);
    const isLoaded = read.isLoaded || !references.has(table);
    const kept = { ...read, untilMs: isLoaded ? nowMs() + TABLE_CACHE_MS : -Infinity };
    whole.set(table, kept);
    return kept;
  };

  return {
    rows: async (table, keys) => {
      const reference = references.get(table);
      if (reference === undefined) return filledRows(options, physicalName(tables, table), keys);
      const found = await reference(keys);
      return keys.map((key) => found.get(key)?.row);
    },
    all,
    formerRows: async (table, keys) => {
      const reference = references.get(table);
      if (reference === undefined) return [];
      if (keys === 'all') return formerRowsOf((whole.get(table) ?? (await all(table))).pasts, nowMs());
      const found = await reference(keys);
      const pasts = keys.map((key): [string, readonly FormerText[]] => [key, found.get(key)?.past ?? []]);
      return formerRowsOf(pasts, nowMs());
    },
  };
};

/** A row of reference data and what it was. */
interface ReferenceRow {
  readonly row: unknown;
  readonly past: readonly FormerText[];
}

const NO_ROW: ReferenceRow = { row: undefined, past: [] };

/** Reads rows of a table of reference data, from memory where they are known. */
const referenceRows = (
  reader: TableReader,
  table: string,
): ((keys: readonly string[]) => Promise<ReadonlyMap<string, ReferenceRow>>) => {
  const cache = new TimedCache<ReferenceRow>(MAX_CACHED_ROWS, reader.nowMs);
  let isLoaded = false;
  return async (keys) => {
    const rows = new Map<string, ReferenceRow>();
    const missing: string[] = [];
    for (const key of keys) {
      const kept = isRowKey(key) ? cache.get(key)?.value : NO_ROW;
      if (kept === undefined) missing.push(key);
      else rows.set(key, kept);
    }
    if (missing.length === 0) return rows;
    const mark = isLoaded ? [] : [LOADED_MARK];
    const items = await batchGet(reader, table, [...missing.map(rowKey), ...mark].map(keyItem));
    const found = new Map(items.map((item) => [textIn(item, 'key'), item]));
    // Until the table is loaded its rows may come at any moment and count at once: that one is missing is not kept.
    isLoaded ||= found.has(undefined);
    for (const key of missing) {
      const item = found.get(key);
      const text = item && rowIn(item)?.text;
      const value: unknown = text === undefined ? undefined : JSON.parse(text);
      const row = { row: value, past: item === undefined ? [] : pastOf(item) };
      if (text !== undefined) cache.keep(key, row, TABLE_CACHE_MS);
      else if (isLoaded) cache.keep(key, row, ABSENT_CACHE_MS);
      rows.set(key, row);
    }
    return rows;
  };
};

const filledRows = async (reader: TableReader, table: string, keys: readonly string[]): Promise<readonly unknown[]> => {
  const items = await batchGet(
    reader,
    table,
    keys.filter(isRowKey).map((key) => keyItem(rowKey(key))),
  );
  const texts = new Map(items.flatMap((item) => rowIn(item) ?? []).map(({ key, text }) => [key, text]));
  return keys.map((key): unknown => {
    const text = texts.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  });
};

const keyItem = ({ b, k }: ReturnType<typeof rowKey>): Item => ({ b: { S: b }, k: { S: k } });

/** A table as it was read last. */
interface ReadTable extends TableRows {
  readonly keys: readonly string[];
  /** What rows were, by key; also of those that are gone. */
  readonly pasts: ReadonlyMap<string, readonly FormerText[]>;
  /** JSON of the rows and of their past: tells whether anything has changed. */
  readonly texts: readonly string[];
  readonly isLoaded: boolean;
}

interface WholeTable extends ReadTable {
  readonly untilMs: number;
}

/** Reads a whole table. Where it is as it was, the rows are the ones known, and so is their version. */
const readWhole = async (reader: TableReader, table: string, known: ReadTable | undefined): Promise<ReadTable> => {
  const keys: string[] = [];
  const rowTexts: string[] = [];
  const pasts = new Map<string, readonly FormerText[]>();
  let isLoaded = false;
  for await (const item of rowsInOrder(reader, { table, range: {}, ahead: ROWS_AHEAD })) {
    const key = textIn(item, 'key');
    isLoaded ||= key === undefined;
    if (key === undefined) continue;
    const past = pastOf(item);
    if (past.length > 0) pasts.set(key, past);
    const row = rowIn(item);
    if (row === undefined) continue;
    keys.push(key);
    rowTexts.push(row.text);
  }
  const texts = [...rowTexts, JSON.stringify(keys), JSON.stringify([...pasts])];
  if (known !== undefined && isEqual(known.texts, texts)) return { ...known, isLoaded };
  const rows = rowTexts.map((text): unknown => JSON.parse(text));
  return { version: (known?.version ?? 0) + 1, rows, keys, pasts, texts, isLoaded };
};

const physicalName = (tables: ReadonlyMap<string, string>, table: string): string => {
  const physical = tables.get(table);
  if (physical === undefined) {
    throw new RangeError(
      `this function knows no DynamoDB table for '${table}', only for ${[...tables.keys()].join(', ') || 'none'}: deploy it again`,
    );
  }
  return physical;
};

const isEqual = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((text, index) => text === others[index]);
