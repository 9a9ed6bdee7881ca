import { addEventHandler, getState, resetState, run, type State } from 'jest-circus';
import { importFresh } from './mutant-loader.ts';

type Block = State['rootDescribeBlock'];
type Test = Extract<Block['children'][number], { readonly type: 'test' }>;

/** A test by its file and its whole name. */
export interface TestName {
  readonly file: string;
  readonly name: string;
}

/** What a test did. */
export interface TestEnd extends TestName {
  readonly ms: number;
  readonly isPassed: boolean;
}

const TEST_TIMEOUT_MS = 60_000;

const testsIn = (block: Block): readonly Test[] =>
  block.children.flatMap((child) => (child.type === 'test' ? [child] : testsIn(child)));

const nameOf = (test: Test): string => {
  const names = [test.name];
  for (let block = test.parent; block.parent !== undefined; block = block.parent) names.unshift(block.name);
  return names.join(' > ');
};

let onFailure = (): void => undefined;
let onEnd = (_test: Test): Promise<void> => Promise.resolve();

addEventHandler(async (event) => {
  if (event.name === 'test_fn_failure' || event.name === 'hook_failure' || event.name === 'error') onFailure();
  if (event.name === 'test_done') await onEnd(event.test);
});

/** Which tests to run, and what to do between them. */
export interface SuiteOptions {
  readonly files: readonly string[];
  /** How long each wanted test may take, in milliseconds, by name; every test is wanted where it is left out. */
  readonly limitsMs?: ReadonlyMap<string, number>;
  /** Stop at the first test that fails. */
  readonly bail: boolean;
  /** Called when all files are loaded, and after each test. */
  readonly onLoaded?: () => Promise<void>;
  readonly onTest?: (end: TestEnd) => Promise<void>;
}

/**
 * Loads test files anew and runs tests of theirs in this process.
 *
 * @returns the first test that failed, or undefined where all passed.
 * @throws what a file throws that cannot be loaded.
 */
export const runSuite = async (options: SuiteOptions): Promise<TestName | undefined> => {
  resetState();
  const fileOf = new Map<Test, string>();
  for (const file of options.files) {
    await importFresh(file);
    for (const test of testsIn(getState().rootDescribeBlock)) {
      if (!fileOf.has(test)) fileOf.set(test, file);
    }
  }
  const tests = [...fileOf].map(([test, file]) => ({ test, file, name: nameOf(test) }));
  const skipAll = (): void => {
    for (const { test } of tests) test.mode = 'skip';
  };
  for (const { test, ...name } of tests) {
    const limitMs = options.limitsMs?.get(name.name);
    if (limitMs !== undefined) test.timeout = limitMs;
    else if (options.limitsMs !== undefined) test.mode = 'skip';
  }
  getState().testTimeout = TEST_TIMEOUT_MS;
  await options.onLoaded?.();
  onFailure = options.bail ? skipAll : (): void => undefined;
  let failed: TestName | undefined;
  onEnd = async (test) => {
    const name = { file: fileOf.get(test) ?? '', name: nameOf(test) };
    const isPassed = test.errors.length === 0;
    if (!isPassed) failed ??= name;
    if (test.mode !== 'skip') await options.onTest?.({ ...name, ms: test.duration ?? 0, isPassed });
  };
  const { unhandledErrors } = await run();
  if (unhandledErrors.length > 0) failed ??= { file: options.files.join(' '), name: 'an error outside of any test' };
  return failed;
};
