import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ConditionalWrite, LaneProgress, StateStore, StoredItem, WriteOutcome } from './state-store.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS state (
    collection TEXT NOT NULL, partition_key TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, state TEXT, ledger TEXT NOT NULL, timer_ms INTEGER,
    PRIMARY KEY (collection, partition_key, key)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS state_timer ON state (collection, partition_key, timer_ms) WHERE timer_ms IS NOT NULL;
  CREATE TABLE IF NOT EXISTS progress (
    collection TEXT NOT NULL, partition_key TEXT NOT NULL,
    watermark_ms INTEGER, active_at_ms INTEGER, version INTEGER NOT NULL,
    PRIMARY KEY (collection, partition_key)
  ) WITHOUT ROWID;
`;

/**
 * Keyed state in a SQLite database, which the caller opens, closes and wraps in transactions: a runtime that keeps its log
 * in the same database commits both at once.
 */
export const sqliteStore = (database: DatabaseSync): StateStore => {
  database.exec(SCHEMA);
  const load = database.prepare('SELECT * FROM state WHERE collection = ? AND partition_key = ? AND key = ?');
  const due = database.prepare(
    'SELECT * FROM state WHERE collection = ? AND partition_key = ? AND timer_ms IS NOT NULL AND timer_ms <= ? ORDER BY key',
  );
  const insert = database.prepare('INSERT INTO state VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING');
  const update = database.prepare(
    `UPDATE state SET version = version + 1, state = ?, ledger = ?, timer_ms = ?
     WHERE collection = ? AND partition_key = ? AND key = ? AND version = ?`,
  );
  const progress = database.prepare('SELECT * FROM progress WHERE collection = ? AND partition_key = ?');
  const insertProgress = database.prepare('INSERT INTO progress VALUES (?, ?, ?, ?, 1) ON CONFLICT DO NOTHING');
  const updateProgress = database.prepare(
    `UPDATE progress SET version = version + 1, watermark_ms = ?, active_at_ms = ?
     WHERE collection = ? AND partition_key = ? AND version = ?`,
  );
  const idle = database.prepare(
    `SELECT DISTINCT partition_key FROM state WHERE collection = ?1 AND timer_ms IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM progress p WHERE p.collection = ?1 AND p.partition_key = state.partition_key AND p.active_at_ms > ?2
     ) ORDER BY partition_key`,
  );
  const items = database.prepare('SELECT * FROM state WHERE collection = ? ORDER BY key, partition_key');

  const writeOne = ({
    collection,
    partitionKey,
    key,
    expected,
    state,
    ledger,
    timerMs,
  }: ConditionalWrite): WriteOutcome => {
    const values = [state ?? null, JSON.stringify(ledger), timerMs ?? null] as const;
    const { changes } =
      expected === 0
        ? insert.run(collection, partitionKey, key, ...values)
        : update.run(...values, collection, partitionKey, key, expected);
    return changes === 1 ? 'written' : 'conflict';
  };
  const progressOf = (collection: string, partitionKey: string): LaneProgress => {
    const row = progress.get(collection, partitionKey);
    return {
      collection,
      partitionKey,
      watermarkMs: finite(row?.['watermark_ms']),
      activeAtMs: finite(row?.['active_at_ms']),
      version: row === undefined ? 0 : Number(row['version']),
    };
  };

  const advanceOne = ({ collection, partitionKey, watermarkMs, activeAtMs, version }: LaneProgress): WriteOutcome => {
    const values = [integerOrNull(watermarkMs), integerOrNull(activeAtMs)] as const;
    const { changes } =
      version === 0
        ? insertProgress.run(collection, partitionKey, ...values)
        : updateProgress.run(...values, collection, partitionKey, version);
    return changes === 1 ? 'written' : 'conflict';
  };

  return {
    load: (addresses) =>
      Promise.resolve(addresses.map((at) => itemOf(load.get(at.collection, at.partitionKey, at.key)))),
    due: (collection, lanes) =>
      Promise.resolve(
        lanes.flatMap(({ partitionKey, dueMs }) => {
          // SQLite integers end before Infinity does.
          const bound = Math.min(dueMs, Number.MAX_SAFE_INTEGER);
          return bound === -Infinity ? [] : due.all(collection, partitionKey, bound).map(presentItemOf);
        }),
      ),
    write: (writes) => Promise.resolve(writes.map(writeOne)),
    progress: (collection, partitionKeys) => Promise.resolve(partitionKeys.map((one) => progressOf(collection, one))),
    advance: (lanes) => Promise.resolve(lanes.map(advanceOne)),
    idle: (collection, activeAtMs) =>
      Promise.resolve(
        idle.all(collection, Math.max(activeAtMs, Number.MIN_SAFE_INTEGER)).map((row) => String(row['partition_key'])),
      ),
    async *items(collection) {
      await Promise.resolve();
      for (const row of items.iterate(collection)) yield presentItemOf(row);
    },
  };
};

type Row = Record<string, SQLOutputValue>;

const itemOf = (row: Row | undefined): StoredItem | undefined => (row === undefined ? undefined : presentItemOf(row));

const presentItemOf = (row: Row): StoredItem => ({
  collection: String(row['collection']),
  partitionKey: String(row['partition_key']),
  key: String(row['key']),
  version: Number(row['version']),
  state: row['state'] === null ? undefined : String(row['state']),
  ledger: ledgerOf(String(row['ledger'])),
  timerMs: row['timer_ms'] === null ? undefined : Number(row['timer_ms']),
});

const ledgerOf = (text: string): Record<string, string> => {
  const parsed: unknown = JSON.parse(text);
  const entries = Object.entries(typeof parsed === 'object' && parsed !== null ? parsed : {});
  return Object.fromEntries(entries.map(([lane, position]) => [lane, String(position)]));
};

/** -Infinity, "never yet", has no integer; it is stored as NULL. */
const integerOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

const finite = (value: SQLOutputValue | undefined): number =>
  value === null || value === undefined ? -Infinity : Number(value);
