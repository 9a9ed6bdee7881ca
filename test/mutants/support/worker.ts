import fc from 'fast-check';
import { sourceFiles } from '../../support/source-files.ts';
import { takeReached } from './coverage.ts';
import { allMutationsOf } from './hand-made.ts';
import { loadWith } from './mutant-loader.ts';
import type { Mutation } from './mutations.ts';
import { runSuite, type TestEnd, type TestName } from './suite.ts';

/** A test without any mutation: how long it takes and which mutations lie on its way. */
export interface BaselineTest extends TestEnd {
  readonly reaches: readonly string[];
}

/** What a worker is asked to do. */
export type Task =
  | { readonly kind: 'baseline'; readonly testFile: string; readonly sources: readonly string[] }
  | { readonly kind: 'mutant'; readonly mutation: Mutation; readonly tests: readonly TestName[] };

/** What a worker answers; a baseline answers with its tests, a mutant with the test that noticed it. */
export type TaskEnd =
  | { readonly kind: 'baseline'; readonly tests: readonly BaselineTest[] }
  | { readonly kind: 'survived' }
  | { readonly kind: 'killed'; readonly by: string }
  | { readonly kind: 'invalid'; readonly why: string };

const baseline = async (testFile: string, sources: readonly string[]): Promise<TaskEnd> => {
  const files = sourceFiles('shared').filter(({ path }) => sources.includes(path));
  const mutations = new Map(files.map(({ path, text }) => [path, allMutationsOf(path, text)]));
  const tests: BaselineTest[] = [];
  let atLoad: readonly string[] = [];
  await takeReached(mutations);
  loadWith(undefined);
  await runSuite({
    files: [testFile],
    bail: false,
    onLoaded: async () => {
      atLoad = await takeReached(mutations);
    },
    onTest: async (end) => {
      tests.push({ ...end, reaches: [...new Set([...atLoad, ...(await takeReached(mutations))])] });
    },
  });
  return { kind: 'baseline', tests };
};

const tryMutant = async (mutation: Mutation, tests: readonly TestName[]): Promise<TaskEnd> => {
  const wanted = new Set(tests.map(({ file, name }) => `${file} ${name}`));
  loadWith(mutation);
  try {
    const failed = await runSuite({
      files: [...new Set(tests.map(({ file }) => file))],
      isWanted: ({ file, name }) => wanted.has(`${file} ${name}`),
      bail: true,
    });
    return failed === undefined ? { kind: 'survived' } : { kind: 'killed', by: `${failed.file}: ${failed.name}` };
  } catch (error) {
    const why = String(error);
    // A mutation that is no program says nothing about the tests; a program that cannot be loaded is noticed by all of them.
    return error instanceof SyntaxError ? { kind: 'invalid', why } : { kind: 'killed', by: `loading: ${why}` };
  }
};

// Property tests try the same values with every mutant, so that what they reach and notice is no matter of luck.
fc.configureGlobal({ seed: 1 });

process.on('message', (task: Task) => {
  const end = task.kind === 'baseline' ? baseline(task.testFile, task.sources) : tryMutant(task.mutation, task.tests);
  end.then(
    (value) => process.send?.(value),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
