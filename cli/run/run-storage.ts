import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type LocalStorage,
  scratchStorage,
  sqliteStorage,
  StorageFormError,
} from '../../shared/runtime/local/local-storage.ts';
import { lockFolder } from './folder-lock.ts';
import { OutputError, withDatabaseErrors, withOutputErrors } from '../errors/output-error.ts';

/** Where a run keeps what it needs, open; disposing closes it. */
export interface RunStorage extends Disposable {
  readonly storage: LocalStorage;
  /** The folder to name where something goes wrong with it, and the option that named it. */
  readonly folder: string;
  readonly option: string;
}

/** Runs work as one transaction of a storage; what the database complains of names the folder. */
export const transactionIn = <Result>(
  { storage, folder, option }: RunStorage,
  work: () => Promise<Result>,
): Promise<Result> => withDatabaseErrors(folder, option, () => storage.transaction(work));

/** Storage for one process; what would not fit into memory is in a file in `work`, which the caller removes. */
export const storageInMemory = (work: string, folder: string): Promise<RunStorage> =>
  withOutputErrors(folder, '--out', () => {
    const storage = scratchStorage(join(work, 'scratch.db'));
    return {
      storage,
      folder,
      option: '--out',
      [Symbol.dispose]: () => {
        storage.close();
      },
    };
  });

const DATABASE = 'millrace.db';

/** Storage in a folder that outlives the process, made if missing and locked against other runs. */
export const storageInFolder = (folder: string): Promise<RunStorage> =>
  withOutputErrors(folder, '--data', () => {
    const lock = lockFolder(folder);
    try {
      const storage = sqliteStorage(join(folder, DATABASE));
      return {
        storage,
        folder,
        option: '--data',
        [Symbol.dispose]: () => {
          storage.close();
          lock[Symbol.dispose]();
        },
      };
    } catch (error) {
      lock[Symbol.dispose]();
      if (!(error instanceof StorageFormError)) throw error;
      const problem = 'it holds a run of another version of Millrace';
      throw new OutputError(folder, problem, 'name another --data and run from the start', { cause: error });
    }
  });

/** Removes what a folder holds of an earlier run, and nothing else; it must not be open. */
export const clearStorageFolder = (folder: string): Promise<void> =>
  withOutputErrors(folder, '--data', () => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(join(folder, DATABASE + suffix), { force: true });
  });
