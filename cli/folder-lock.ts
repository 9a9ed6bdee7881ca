import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

// A run that was killed through `npx` takes a moment to notice, and its successor can wait that long.
const WAIT_MS = 5000;

/** Has a folder for this process alone until it is disposed of, or the process ends in whatever way. */
export interface FolderLock extends Disposable {
  readonly file: string;
}

/**
 * Locks an existing folder against other runs.
 *
 * SQLite does the locking, because its locks end with the process and a stale one cannot be left behind. Throws SQLite's error
 * where another process keeps the lock for five seconds or the file cannot be made.
 */
export const lockFolder = (folder: string): FolderLock => {
  const file = join(folder, 'lock');
  const database = new DatabaseSync(file, { timeout: WAIT_MS });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    file,
    [Symbol.dispose]: () => {
      database.close();
    },
  };
};
