import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const MISSING = '../shared/data has no no-such-file.csv.gz';

/** Runs a test file that needs a file no data folder has. */
const runWith = (required: string): { readonly status: number | null; readonly output: string } => {
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
  const only = ['--testMatch', '<rootDir>/test/real-data/support/needs-no-such-file.ts'];
  const { status, stderr } = spawnSync(process.execPath, [...jest, ...only, '--verbose'], {
    cwd: ROOT,
    env: { ...process.env, MILLRACE_REQUIRE_DATA: required },
    encoding: 'utf8',
  });
  return { status, output: stderr };
};

test('where real data is required, a missing file is a failure that names it', () => {
  const { status, output } = runWith('1');
  expect(status).toBe(1);
  expect(output).toContain(`MILLRACE_REQUIRE_DATA=1 and ${MISSING}`);
});

test('elsewhere it is a skipped test', () => {
  const { status, output } = runWith('');
  expect({ status, output }).toEqual({ status: 0, output: expect.stringMatching(/1 skipped/u) });
});
