import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fieldOf } from '../../shared/runtime/field-of.ts';

// A run that was killed through `npx` takes a moment to notice, and its successor can wait that long.
const WAIT_MS = 5000;

const MAX_TRIES = 5;

/**
 * Locks a folder against other runs, until it is disposed of or the process ends in whatever way. Makes the folder
 * if it is missing, even if another run has just removed it together with its lock.
 *
 * SQLite does the locking, because its locks end with the process and none can be left over. Throws SQLite's error
 * where another process keeps the lock for `waitMs` (default five seconds) or the file cannot be made.
 */
export const lockFolder = (folder: string, waitMs = WAIT_MS): Disposable => {
  const file = join(folder, 'lock');
  for (let triesLeft = MAX_TRIES; ; triesLeft -= 1) {
    makeFolder(folder);
    const database = new DatabaseSync(file, { timeout: waitMs });
    try {
      database.exec('BEGIN EXCLUSIVE');
      // The lock of a file that is gone would keep no other run out.
      if (existsSync(file)) return { [Symbol.dispose]: () => database.close() };
      database.close();
    } catch (error) {
      database.close();
      if (triesLeft === 0 || existsSync(file)) throw error;
    }
  }
};

/**
 * Makes a folder and those above it. Returns the topmost one that was made; undefined where the folder was there.
 *
 * Not `mkdir` with `recursive`: below `/proc` that one tries until the memory is full. Throws the system's error.
 */
export const makeFolder = (path: string): string | undefined => {
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const code = fieldOf(error, 'code');
    if (code === 'EEXIST' && statSync(path).isDirectory()) return undefined;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    const firstMade = makeFolder(parent);
    // The folder above was there all along, so to try again would be no use.
    if (firstMade === undefined) throw error;
    mkdirSync(path);
    return firstMade;
  }
};
