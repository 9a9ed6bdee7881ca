import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TablePort } from '../../engine/ports.ts';
import type { RetryPolicy } from '../../aws/retry.ts';
import { batchGet } from './batch-get.ts';
import { inParallel } from '../../aws/in-parallel.ts';
import { isRowKey, referenceKey } from './row-keys.ts';
import { rowIn, tableRow, tableRows } from './table-rows.ts';
import { TimedCache } from './timed-cache.ts';

/** For how long something of a table is kept in a warm environment, in milliseconds. */
interface TableTimes {
  /** A row of reference data. @default 300000 */
  readonly row: number;
  /** That there is no row of reference data; short, because it may just be on its way. @default 15000 */
  readonly absentRow: number;
  /** All rows of a table. @default 60000 */
  readonly wholeTable: number;
}

/** Where the tables are that processors look into. */
export interface DynamoTablesOptions extends RetryPolicy {
  readonly client: DynamoDBClient;
  /** Tables that processors fill, by table of the topology. */
  readonly tables: Readonly<Record<string, string>>;
  /** Tables of reference data, by table of the topology. */
  readonly references: Readonly<Record<string, string>>;
  readonly ttlMs?: Partial<TableTimes>;
}

const DEFAULT_TIMES: TableTimes = { row: 300_000, absentRow: 15_000, wholeTable: 60_000 };
const MOST_ROWS = 20_000;
const QUERIES_AT_ONCE = 32;
/** How many rows are read of a bucket at a time. */
const ROWS_AHEAD = 1000;

/** A table as it was read last. */
interface WholeTable {
  readonly version: number;
  readonly rows: readonly unknown[];
  /** What tells whether it has changed. */
  readonly texts: readonly string[];
  readonly untilMs: number;
}

/**
 * Tables in DynamoDB. Reference data is kept for a time, and so is each table that is read whole; rows of a table that a
 * processor fills are read each time.
 */
export const dynamoTables = (options: DynamoTablesOptions): TablePort => {
  const { nowMs } = options;
  const tables = new Map(Object.entries(options.tables));
  const references = new Map(Object.entries(options.references));
  const ttlMs: TableTimes = { ...DEFAULT_TIMES, ...options.ttlMs };
  const cache = new TimedCache<unknown>(MOST_ROWS, nowMs);
  const whole = new Map<string, WholeTable>();

  const referenceRows = async (physical: string, keys: readonly string[]): Promise<readonly unknown[]> => {
    const rows = new Map<string, unknown>();
    const missing: string[] = [];
    for (const key of keys) {
      const kept = isRowKey(key) ? cache.get(`${physical}\0${key}`) : { value: undefined };
      if (kept === undefined) missing.push(key);
      else rows.set(key, kept.value);
    }
    const places = missing.map((key) => {
      const { b, k } = referenceKey(key);
      return { b: { S: b }, k: { S: k } };
    });
    const texts = new Map<string, string>();
    for (const item of await batchGet(options, physical, places)) {
      const row = rowIn(item);
      if (row !== undefined) texts.set(row.key, row.text);
    }
    for (const key of missing) {
      const text = texts.get(key);
      const row: unknown = text === undefined ? undefined : JSON.parse(text);
      cache.keep(`${physical}\0${key}`, row, text === undefined ? ttlMs.absentRow : ttlMs.row);
      rows.set(key, row);
    }
    return keys.map((key) => rows.get(key));
  };
  const filledRows = (physical: string, keys: readonly string[]): Promise<readonly unknown[]> =>
    inParallel(QUERIES_AT_ONCE, keys, async (key): Promise<unknown> => {
      const text = await tableRow(options, physical, key);
      return text === undefined ? undefined : JSON.parse(text);
    });

  return {
    rows: async (table, keys) => {
      const reference = references.get(table);
      if (reference !== undefined) return referenceRows(reference, keys);
      return filledRows(physicalName(tables, table), keys);
    },
    all: async (table) => {
      const known = whole.get(table);
      if (known !== undefined && known.untilMs > nowMs()) return known;
      const physical = references.get(table) ?? physicalName(tables, table);
      const texts: string[] = [];
      for await (const { text } of tableRows(options, { table: physical, range: {}, ahead: ROWS_AHEAD }))
        texts.push(text);
      const isSame = known !== undefined && isEqual(known.texts, texts);
      const read: WholeTable = {
        version: isSame ? known.version : (known?.version ?? 0) + 1,
        rows: isSame ? known.rows : texts.map((text): unknown => JSON.parse(text)),
        texts: isSame ? known.texts : texts,
        untilMs: nowMs() + ttlMs.wholeTable,
      };
      whole.set(table, read);
      return read;
    },
  };
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
