import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { runPool, type PoolTask } from './pool.ts';
import type { TestFile } from './project.ts';
import type { BaselineTest } from './worker.ts';

const LIMIT_MS = 15 * 60_000;

interface BaselineJob extends PoolTask {
  readonly testFile: TestFile;
}

/** Of one test file: what it loaded, and its tests. */
interface Measured {
  readonly path: string;
  readonly digest: string;
  readonly tests: readonly BaselineTest[];
}

const isMeasured = (value: unknown): value is Measured =>
  typeof value === 'object' && value !== null && 'path' in value && 'digest' in value && 'tests' in value;

const readMeasured = (file: string): ReadonlyMap<string, Measured> => {
  const found = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return new Map(
    found.flatMap((line) => {
      const value: unknown = JSON.parse(line);
      return isMeasured(value) ? [[value.path, value] as const] : [];
    }),
  );
};

/**
 * The tests without any mutation, each with what it reaches. Those that fail notice nothing and are left out. A test file is run
 * only if something that it loads has changed since it was run last, which a file remembers.
 */
export const baseline = async (
  file: string,
  testFiles: readonly TestFile[],
  sources: readonly string[],
  workers: number,
): Promise<readonly BaselineTest[]> => {
  const known = readMeasured(file);
  const measured: Measured[] = [];
  const jobs: BaselineJob[] = [];
  for (const testFile of testFiles) {
    const one = known.get(testFile.path);
    if (one?.digest === testFile.wholeDigest) measured.push(one);
    else jobs.push({ testFile, task: { kind: 'baseline', testFile: testFile.path, sources }, limitMs: LIMIT_MS });
  }
  await runPool(jobs, workers, ({ testFile: { path, wholeDigest } }, end) => {
    if (end.kind === 'baseline') measured.push({ path, digest: wholeDigest, tests: end.tests });
    else console.log(`not used: ${path} (${JSON.stringify(end)})`);
  });
  mkdirSync(dirname(file), { recursive: true });
  const all = new Map([...known, ...measured.map((one): [string, Measured] => [one.path, one])]);
  writeFileSync(file, Array.from(all.values(), (one) => `${JSON.stringify(one)}\n`).join(''));
  return measured.flatMap(({ tests }) =>
    tests.filter(({ isPassed, file: path, name }) => {
      if (!isPassed) console.log(`not used, because it fails without a mutation: ${path}: ${name}`);
      return isPassed;
    }),
  );
};
