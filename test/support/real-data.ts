import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';

const DATA_FOLDER = join(import.meta.dirname, '../../../shared/data');

/** The path of a real data file, named from the data folder (`ghcnd/2016-us-hcn.csv.gz`); `undefined` where it is not there. */
export const realData = (file: string): string | undefined => {
  const path = join(DATA_FOLDER, file);
  return existsSync(path) ? path : undefined;
};

/** Set to 1 where the data folder is known to be there, so that a run without the data does not look like one with it. */
const IS_REQUIRED = process.env['MILLRACE_REQUIRE_DATA'] === '1';

/**
 * A `describe` for tests that need real data files; `body` gets their paths in the order of `files`.
 *
 * Where a file is missing, one test stands for all of them and names it: it fails where the data is required, else it is skipped,
 * because a public clone has no data beside it.
 */
export const describeWithData = (name: string, files: readonly string[], body: (...paths: string[]) => void): void => {
  const missing = files.filter((file) => realData(file) === undefined);
  const notRun = `${name} (not run: ../shared/data has no ${missing.join(', ')})`;
  if (missing.length === 0) describe(name, () => body(...files.map((file) => join(DATA_FOLDER, file))));
  else if (!IS_REQUIRED) test.skip(notRun, () => undefined);
  else {
    test(notRun, () => {
      throw new Error(
        `MILLRACE_REQUIRE_DATA=1 and ../shared/data has no ${missing.join(', ')}: put it there, or unset the variable to skip the test`,
      );
    });
  }
};
