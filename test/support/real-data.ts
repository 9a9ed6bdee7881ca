import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';

const DATA_FOLDER = join(import.meta.dirname, '../../../shared/data');

/** The path of a real data file, named from the data folder (`ghcnd/2016-us-hcn.csv.gz`); `undefined` where it is not there. */
export const realData = (file: string): string | undefined => {
  const path = join(DATA_FOLDER, file);
  return existsSync(path) ? path : undefined;
};

/**
 * A `describe` for tests that need real data files; `body` gets their paths in the order of `files`.
 *
 * Where one of them is not there, one skipped test says which, so that a run without the data does not look like one with it.
 */
export const describeWithData = (name: string, files: readonly string[], body: (...paths: string[]) => void): void => {
  const missing = files.filter((file) => realData(file) === undefined);
  if (missing.length === 0) describe(name, () => body(...files.map((file) => join(DATA_FOLDER, file))));
  else test.skip(`${name} (not run: ../shared/data has no ${missing.join(', ')})`, () => undefined);
};
