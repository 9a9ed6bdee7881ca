import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isTooLarge } from './item-bytes.ts';
import { checkRow, type LocalStateStore } from './memory-store.ts';
import type { ConditionalWrite, PartitionProgress, StoredItem, WriteOutcome } from './state-store.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS state (
    collection TEXT NOT NULL, partition_key TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, state TEXT, ledger TEXT NOT NULL, timer_ms INTEGER, written_at_ms INTEGER,
    PRIMARY KEY (collection, partition_key, key)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS state_timer ON state (collection, partition_key, timer_ms) WHERE timer_ms IS NOT NULL;
  CREATE INDEX IF NOT EXISTS state_tombstone ON state (written_at_ms) WHERE state IS NULL AND timer_ms IS NULL;
  CREATE TABLE IF NOT EXISTS row (
    collection TEXT NOT NULL, owner TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, state TEXT, ledger TEXT NOT NULL, written_at_ms INTEGER,
    PRIMARY KEY (collection, key)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS row_tombstone ON row (written_at_ms) WHERE state IS NULL;
  CREATE TABLE IF NOT EXISTS progress (
    collection TEXT NOT NULL, partition_key TEXT NOT NULL,
    watermark_ms INTEGER, active_at_ms INTEGER, version INTEGER NOT NULL,
    PRIMARY KEY (collection, partition_key)
  ) WITHOUT ROWID;
`;

/** Columns of an item, in the order in which {@link itemIn} takes them. */
const ITEM = 'collection, partition_key, key, version, state, ledger, timer_ms, 0';
const ROW = 'collection, owner, key, version, state, ledger, NULL, 1';

/** Partition keys with a timer, each found by one step in the index and not by reading its timers. */
const IDLE = `
  WITH RECURSIVE waiting (partition_key) AS (
    SELECT min(partition_key) FROM state INDEXED BY state_timer WHERE collection = ?1 AND timer_ms IS NOT NULL
    UNION ALL
    SELECT (SELECT min(partition_key) FROM state INDEXED BY state_timer
            WHERE collection = ?1 AND timer_ms IS NOT NULL AND partition_key > waiting.partition_key)
    FROM waiting WHERE waiting.partition_key IS NOT NULL
  )
  SELECT partition_key FROM waiting WHERE partition_key IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM progress p WHERE p.collection = ?1 AND p.partition_key = waiting.partition_key AND p.active_at_ms > ?2
  ) ORDER BY partition_key
`;

/**
 * Keyed state in a SQLite database, which the caller opens, closes and wraps in transactions: a runtime that keeps its log
 * in the same database commits both at once.
 */
export const sqliteStore = (database: DatabaseSync): LocalStateStore => {
  database.exec(SCHEMA);
  const sql = (text: string): StatementSync => {
    const statement = database.prepare(text);
    statement.setReturnArrays(true);
    return statement;
  };
  const load = sql(`SELECT ${ITEM} FROM state WHERE collection = ? AND partition_key = ? AND key = ?`);
  const loadRow = sql(`SELECT ${ROW} FROM row WHERE collection = ? AND key = ?`);
  const due = sql(`SELECT ${ITEM} FROM state WHERE collection = ? AND partition_key = ? AND timer_ms <= ?`);
  const insert = sql('INSERT INTO state VALUES (?, ?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const update = sql(
    `UPDATE state SET version = version + 1, state = ?, ledger = ?, timer_ms = ?, written_at_ms = ?
     WHERE collection = ? AND partition_key = ? AND key = ? AND version = ?`,
  );
  const insertRow = sql('INSERT INTO row VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING');
  const updateRow = sql(
    `UPDATE row SET version = version + 1, state = ?, ledger = ?, written_at_ms = ?
     WHERE collection = ? AND owner = ? AND key = ? AND version = ?`,
  );
  const progress = sql(
    'SELECT watermark_ms, active_at_ms, version FROM progress WHERE collection = ? AND partition_key = ?',
  );
  const insertProgress = sql('INSERT INTO progress VALUES (?, ?, ?, ?, 1) ON CONFLICT DO NOTHING');
  const updateProgress = sql(
    `UPDATE progress SET version = version + 1, watermark_ms = ?, active_at_ms = ?
     WHERE collection = ? AND partition_key = ? AND version = ?`,
  );
  const idle = sql(IDLE);
  const items = sql(
    `SELECT ${ITEM} FROM state WHERE collection = ?1 UNION ALL SELECT ${ROW} FROM row WHERE collection = ?1
     ORDER BY key, partition_key`,
  );
  const forgetItems = sql('DELETE FROM state WHERE state IS NULL AND timer_ms IS NULL AND written_at_ms < ?');
  const forgetRows = sql('DELETE FROM row WHERE state IS NULL AND written_at_ms < ?');

  const writeOne = (write: ConditionalWrite): WriteOutcome => {
    checkRow(write);
    if (isTooLarge(write)) return 'too-large';
    const { collection, partitionKey, key, isRow, expected } = write;
    const state = write.state ?? null;
    const ledger = JSON.stringify(write.ledger);
    const writtenAtMs = integerOrNull(write.writtenAtMs);
    const timerMs = write.timerMs ?? null;
    const { changes } =
      isRow === true
        ? expected === 0
          ? insertRow.run(collection, partitionKey, key, state, ledger, writtenAtMs)
          : updateRow.run(state, ledger, writtenAtMs, collection, partitionKey, key, expected)
        : expected === 0
          ? insert.run(collection, partitionKey, key, state, ledger, timerMs, writtenAtMs)
          : update.run(state, ledger, timerMs, writtenAtMs, collection, partitionKey, key, expected);
    return changes === 1 ? 'written' : 'conflict';
  };
  const progressOf = (collection: string, partitionKey: string): PartitionProgress => {
    const [watermarkMs, activeAtMs, version] = valuesOf(progress.get(collection, partitionKey));
    return {
      collection,
      partitionKey,
      watermarkMs: timeIn(watermarkMs),
      activeAtMs: timeIn(activeAtMs),
      version: Number(version ?? 0),
    };
  };
  const advanceOne = (one: PartitionProgress): WriteOutcome => {
    const { collection, partitionKey, version } = one;
    const values = [integerOrNull(one.watermarkMs), integerOrNull(one.activeAtMs)] as const;
    const { changes } =
      version === 0
        ? insertProgress.run(collection, partitionKey, ...values)
        : updateProgress.run(...values, collection, partitionKey, version);
    return changes === 1 ? 'written' : 'conflict';
  };

  return {
    load: (addresses) =>
      Promise.resolve(
        addresses.map(({ collection, partitionKey, key, isRow }) =>
          itemOrNone(isRow === true ? loadRow.get(collection, key) : load.get(collection, partitionKey, key)),
        ),
      ),
    due: (collection, partitions) =>
      Promise.resolve(
        partitions.flatMap(({ partitionKey, dueMs }) =>
          dueMs === -Infinity ? [] : due.all(collection, partitionKey, integerAt(dueMs)).map(itemIn),
        ),
      ),
    write: (writes) => Promise.resolve(writes.map(writeOne)),
    progress: (collection, partitionKeys) => Promise.resolve(partitionKeys.map((one) => progressOf(collection, one))),
    advance: (all) => Promise.resolve(all.map(advanceOne)),
    idle: (collection, activeAtMs) =>
      Promise.resolve(idle.all(collection, integerAt(activeAtMs)).map((row) => String(valuesOf(row)[0]))),
    async *items(collection) {
      await Promise.resolve();
      for (const row of items.iterate(collection)) yield itemIn(row);
    },
    forget: (beforeMs) =>
      Number(forgetItems.run(integerAt(beforeMs)).changes) + Number(forgetRows.run(integerAt(beforeMs)).changes),
  };
};

/** The types of `node:sqlite` know rows as objects only. */
const valuesOf = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : []);

const itemOrNone = (row: unknown): StoredItem | undefined => (row === undefined ? undefined : itemIn(row));

const itemIn = (row: unknown): StoredItem => {
  const [collection, partitionKey, key, version, state, ledger, timerMs, isRow] = valuesOf(row);
  return {
    collection: String(collection),
    partitionKey: String(partitionKey),
    key: String(key),
    ...(isRow === 1 && { isRow: true }),
    version: Number(version),
    state: typeof state === 'string' ? state : undefined,
    ledger: ledgerIn(String(ledger)),
    timerMs: timerMs === null ? undefined : Number(timerMs),
  };
};

const ledgerIn = (text: string): Readonly<Record<string, string>> => {
  const ledger: unknown = JSON.parse(text);
  if (isLedger(ledger)) return ledger;
  throw new TypeError(`the state holds a ledger that is none: ${text.slice(0, 80)}. Start with new storage`);
};

const isLedger = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && Object.values(value).every((position) => typeof position === 'string');

/** -Infinity, "never yet", has no integer; it is stored as NULL. */
const integerOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** SQLite integers end before Infinity does. */
const integerAt = (timeMs: number): number =>
  Math.max(Number.MIN_SAFE_INTEGER, Math.min(timeMs, Number.MAX_SAFE_INTEGER));

const timeIn = (value: unknown): number => (value === null || value === undefined ? -Infinity : Number(value));
