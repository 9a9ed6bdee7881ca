import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../errors/command-error.ts';
import { lockFolder } from './folder-lock.ts';
import { makeFolder } from './folder-lock.ts';

/** Present only when everything beside it is whole; written last, removed first. */
export const BOOKS_FILE = 'books.json';

/** What came in, and what of it could not be read. */
export const INPUT_FILE = 'input.json';

const RESULT_NAMES = ['streams', 'tables', 'outbox', 'dead-letters.jsonl', INPUT_FILE, BOOKS_FILE] as const;
const PARTIAL = '.millrace-partial';

/** Where the results of a run go; until they are published, all of it is in a hidden folder inside. */
export interface ResultFolder extends Disposable {
  readonly path: string;
  /** For files that are needed while the run goes on. */
  readonly work: string;
  /**
   * Gives a folder of the results that fills while the run goes on. Books beside it are removed, because they are of another
   * run; with `startOver` so is all else. Until results are published, a mark of the unfinished run remains.
   */
  fill(name: 'outbox', startOver: boolean): string;
  /** Gives an empty folder to write results to. */
  startResults(): string;
  /** Puts the results written to {@link ResultFolder.startResults} in place of those of an earlier run. */
  publish(): void;
}

/**
 * Opens a folder for results, made if missing, and locks it against other runs; disposing removes what was not published.
 *
 * Throws a {@link CommandError} where the folder holds something under the name of a result that no run has written, and the
 * system's error where it cannot be written to.
 */
export const openResultFolder = (path: string): ResultFolder => {
  const firstMade = makeFolder(path);
  const partial = join(path, PARTIAL);
  const isThere = (name: string): boolean => existsSync(join(path, name));
  // The mark of a run that was stopped while its results filled up, or were being put in place, stays until one is through.
  let isUnfinished = existsSync(partial) && !isThere(BOOKS_FILE) && RESULT_NAMES.some(isThere);
  refuseForeign(path, existsSync(partial));
  const lock = lockFolder(partial);
  const results = join(partial, 'results');
  const replaced = join(partial, 'replaced');
  const work = join(partial, 'work');
  for (const leftover of [results, replaced, work]) rmSync(leftover, { recursive: true, force: true });
  mkdirSync(work);

  return {
    path,
    work,
    fill: (name, startOver) => {
      isUnfinished = true;
      rmSync(join(path, BOOKS_FILE), { force: true });
      if (startOver) for (const old of RESULT_NAMES) rmSync(join(path, old), { recursive: true, force: true });
      makeFolder(join(path, name));
      return join(path, name);
    },
    startResults: () => {
      rmSync(results, { recursive: true, force: true });
      mkdirSync(results);
      return results;
    },
    publish: () => {
      rmSync(replaced, { recursive: true, force: true });
      mkdirSync(replaced);
      // The books say that all is there: they go first and come last.
      for (const name of RESULT_NAMES.toReversed()) moveIfThere(join(path, name), join(replaced, name));
      for (const name of RESULT_NAMES) moveIfThere(join(results, name), join(path, name));
      isUnfinished = false;
    },
    [Symbol.dispose]: () => {
      // Before the lock is let go, or it would be the next run's work that is removed.
      const used = isUnfinished ? [work, results, replaced] : [partial];
      for (const folder of used) rmSync(folder, { recursive: true, force: true });
      if (firstMade !== undefined && readdirSync(path).length === 0) rmdirSync(path);
      lock[Symbol.dispose]();
    },
  };
};

/** Old results are replaced, but only where a run has left its mark beside them: the books, or a folder of its own. */
const refuseForeign = (path: string, hasPartial: boolean): void => {
  if (hasPartial || existsSync(join(path, BOOKS_FILE))) return;
  const foreign = RESULT_NAMES.find((name) => existsSync(join(path, name)));
  if (foreign === undefined) return;
  throw new CommandError(
    `--out ${JSON.stringify(path)} already has a '${foreign}' that is not the result of a run; name another folder, or move it away`,
  );
};

const moveIfThere = (from: string, to: string): void => {
  if (existsSync(from)) renameSync(from, to);
};
