import { DatabaseSync } from 'node:sqlite';
import { memoryStore } from '../../state/memory-store.ts';
import { sqliteStore } from '../../state/sqlite-store.ts';
import type { StateStore } from '../../state/state-store.ts';
import { MemoryLog } from './log/memory-log.ts';
import type { PartitionedLog } from './log/partitioned-log.ts';
import { SqliteLog } from './log/sqlite-log.ts';

const PAGE_BYTES = 16_384;

/** Everything a local run keeps: log, state, and a database for what leaves it and for its own notes. */
export interface LocalStorage {
  readonly log: PartitionedLog;
  readonly state: StateStore;
  readonly database: DatabaseSync;
  /** Whether it survives the process: then nothing is trimmed, as a stream's retention would have it. */
  readonly durable: boolean;
  /** All that `work` writes happens, or none of it. Transactions do not overlap. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): void;
}

/** Storage in memory; it ends with the process. */
export const memoryStorage = (): LocalStorage => {
  const database = new DatabaseSync(':memory:');
  return storage(database, new MemoryLog(), memoryStore(), false);
};

/**
 * Storage that ends with the process and whose memory does not grow with what goes through it: the log is in memory and can be
 * trimmed, the rest is in a scratch file, which whoever named it deletes.
 */
export const scratchStorage = (file: string): LocalStorage => {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;`);
  return storage(database, new MemoryLog(), sqliteStore(database), false);
};

/**
 * Storage in one SQLite file. A transaction is all or nothing when the process is killed at any moment; a power failure can
 * take the newest transactions with it, but never a part of one.
 */
export const sqliteStorage = (file: string): LocalStorage => {
  const database = new DatabaseSync(file);
  // Records are large and written once: large pages spare overflow chains, and a rare checkpoint spares most of the fsyncs.
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
  database.exec('PRAGMA wal_autocheckpoint = 4000;');
  return storage(database, new SqliteLog(database), sqliteStore(database), true);
};

const storage = (database: DatabaseSync, log: PartitionedLog, state: StateStore, durable: boolean): LocalStorage => ({
  log,
  state,
  database,
  durable,
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
