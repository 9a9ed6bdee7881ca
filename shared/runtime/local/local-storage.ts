import { DatabaseSync } from 'node:sqlite';
import { memoryStore, type LocalStateStore } from '../../state/memory-store.ts';
import { sqliteStore } from '../../state/sqlite-store.ts';
import { MemoryLog } from './log/memory-log.ts';
import type { PartitionedLog } from './log/partitioned-log.ts';
import { SqliteLog } from './log/sqlite-log.ts';

const PAGE_BYTES = '16384';

/** Everything a local run keeps: log, state, and a database for what leaves it and for its own notes. */
export interface LocalStorage {
  readonly log: PartitionedLog;
  readonly state: LocalStateStore;
  readonly database: DatabaseSync;
  /** All that `work` writes happens, or none of it. Transactions do not overlap. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): void;
}

/** Storage in memory; it ends with the process. */
export const memoryStorage = (): LocalStorage => {
  const database = new DatabaseSync(':memory:');
  return storage(database, new MemoryLog(), memoryStore());
};

/**
 * Storage that ends with the process and whose memory does not grow with what goes through it: the log is in memory and can be
 * trimmed, the rest is in a scratch file, which the caller deletes.
 */
export const scratchStorage = (file: string): LocalStorage => {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;`);
  return storage(database, new MemoryLog(), sqliteStore(database));
};

/** Storage that another version of Millrace made, or another program. */
export class StorageFormError extends Error {
  override readonly name = 'StorageFormError';
}

/** Changes with the tables in the file. */
const FORM = 2;

/**
 * Storage in one SQLite file. A transaction is all or nothing when the process is killed at any moment; a power failure can
 * take the newest transactions with it, but never a part of one.
 *
 * Pages of what was trimmed are used again, so the file grows to what a run holds at a time, and what is left over is returned
 * when it is closed. Throws {@link StorageFormError} for a file of another version.
 */
export const sqliteStorage = (file: string): LocalStorage => {
  const database = new DatabaseSync(file);
  try {
    // Records are large and written once: large pages spare overflow chains, and a rare checkpoint spares most of the fsyncs.
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;`);
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;');
    checkForm(database, file);
    const opened = storage(database, new SqliteLog(database), sqliteStore(database));
    return {
      ...opened,
      close: () => {
        if (!database.isTransaction) database.exec('PRAGMA incremental_vacuum;');
        opened.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
};

const checkForm = (database: DatabaseSync, file: string): void => {
  const tables = database.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table'").get();
  const form = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (tables?.['tables'] === 0) database.exec(`PRAGMA user_version = ${String(FORM)}`);
  else if (form !== FORM) {
    throw new StorageFormError(
      `${JSON.stringify(file)} has form ${String(form)}, and this version of Millrace reads form ${String(FORM)}: start with new storage`,
    );
  }
};

const storage = (database: DatabaseSync, log: PartitionedLog, state: LocalStateStore): LocalStorage => ({
  log,
  state,
  database,
  transaction: async (work) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = await work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  },
  close: () => {
    database.close();
  },
});
