import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { lockFolder } from '../../../cli/run/folder-lock.ts';
import { OutputError, withOutputErrors } from '../../../cli/errors/output-error.ts';
import { writeLines } from '../../../cli/run/write-results.ts';
import { tempFiles } from '../../source/temp-files.ts';

const files = tempFiles();

const failureOf = async (work: () => unknown): Promise<unknown> => {
  try {
    await withOutputErrors('some/folder', '--out', work);
  } catch (error) {
    return error;
  }
  return undefined;
};

// A device that is always full.
(existsSync('/dev/full') ? test : test.skip)('a full disk is reported as such, with the remedy', async () => {
  const error = await failureOf(() => writeLines('/dev/full', ['some', 'text']));
  expect(error).toBeInstanceOf(OutputError);
  expect(error).toMatchObject({
    message:
      'cannot write "some/folder": the disk is full; free some space or name another --out, then run the same command again',
  });
});

test('so is a full disk that SQLite meets', async () => {
  const database = new DatabaseSync(join(files.folder, 'small.db'));
  database.exec('CREATE TABLE t (x); PRAGMA max_page_count = 3');
  const error = await failureOf(() => database.exec(`INSERT INTO t VALUES ('${'x'.repeat(100_000)}')`));
  expect(error).toMatchObject({ name: 'OutputError', message: expect.stringContaining('the disk is full') });
  database.close();
});

test('a read-only file system is named as the cause', async () => {
  const error = await failureOf(() => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' })));
  expect(error).toMatchObject({
    message: 'cannot write "some/folder": its file system is read-only; name another --out',
  });
});

test('a folder that another run has locked is not to be had', async () => {
  const folder = join(files.folder, 'locked');
  mkdirSync(folder);
  const lock = lockFolder(folder, 0);
  const error = await failureOf(() => lockFolder(folder, 0));
  lock[Symbol.dispose]();
  expect(error).toMatchObject({ message: expect.stringContaining('another run is using it; wait until that is over') });
});

test('a lock ends when it is let go, and makes a folder that is gone', () => {
  const folder = join(files.folder, 'again');
  lockFolder(folder, 0)[Symbol.dispose]();
  lockFolder(folder, 0)[Symbol.dispose]();
  expect(existsSync(folder)).toBe(true);
});

test('an error that is not about writing passes as it is', async () => {
  const bug = new TypeError('a bug');
  expect(await failureOf(() => Promise.reject(bug))).toBe(bug);
});
