import fc from 'fast-check';
import { sourceFiles } from '../../support/source-files.ts';
import { takeReached } from './coverage.ts';
import { allMutationsOf } from './hand-made.ts';
import { loadWith } from './mutant-loader.ts';
import type { Mutation } from './mutations.ts';
import { runSuite, type TestEnd } from './suite.ts';
import { allowCpu } from './watchdog.ts';

/** A test without any mutation: how long it takes and which mutations lie on its way. */
export interface BaselineTest extends TestEnd {
  readonly reaches: readonly string[];
}

/** What a worker is asked to do. */
export type Task =
  | { readonly kind: 'baseline'; readonly testFile: string; readonly sources: readonly string[] }
  | {
      readonly kind: 'mutant';
      readonly mutation: Mutation;
      /** Modules that load the mutated one. */
      readonly dependents: readonly string[];
      readonly files: readonly ReachingFile[];
    };

/** A test file with those of its tests that reach a mutant. */
export interface ReachingFile {
  readonly path: string;
  /** Name and duration without a mutant, in milliseconds; undefined for all. */
  readonly tests: readonly { readonly name: string; readonly ms: number }[] | undefined;
  readonly totalMs: number;
}

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

/** Loading a test file, and what a measurement on a busy machine is wrong by. */
const SPARE_MS = 5_000;
const SLOWDOWN = 5;
/** What running a test file costs beside its tests. */
const LOAD_MS = 100;

/** How often a test file was tried on mutants of a source file, and how often it noticed one. */
interface Tries {
  tries: number;
  kills: number;
}
const triesOf = new Map<string, Tries>();

const triesAt = (source: string, testFile: string): Tries => {
  const id = `${source} ${testFile}`;
  const tries = triesOf.get(id) ?? { tries: 0, kills: 0 };
  triesOf.set(id, tries);
  return tries;
};

/** The file first that most likely notices a mutant of this source in the shortest time. */
const byPromise = (source: string, files: readonly ReachingFile[]): readonly ReachingFile[] =>
  files
    .map((file) => {
      const { tries, kills } = triesAt(source, file.path);
      return { file, promise: (kills + 1) / (tries + 2) / (file.totalMs + LOAD_MS) };
    })
    .toSorted((a, b) => b.promise - a.promise)
    .map(({ file }) => file);

const tryMutant = async ({ mutation, dependents, files }: Extract<Task, { kind: 'mutant' }>): Promise<TaskEnd> => {
  loadWith(mutation, dependents);
  try {
    for (const { path, tests, totalMs } of byPromise(mutation.file, files)) {
      allowCpu(SPARE_MS + SLOWDOWN * totalMs);
      const tried = triesAt(mutation.file, path);
      tried.tries += 1;
      const limitsMs =
        tests && new Map(tests.map(({ name, ms }): [string, number] => [name, SPARE_MS + 2 * SLOWDOWN * ms]));
      const failed = await runSuite({ files: [path], bail: true, ...(limitsMs && { limitsMs }) });
      if (failed === undefined) continue;
      tried.kills += 1;
      return { kind: 'killed', by: `${failed.file}: ${failed.name}` };
    }
    return { kind: 'survived' };
  } catch (error) {
    const why = String(error);
    // A mutation that is no program says nothing about the tests; a program that cannot be loaded is noticed by all of them.
    return error instanceof SyntaxError ? { kind: 'invalid', why } : { kind: 'killed', by: `loading: ${why}` };
  } finally {
    allowCpu(Infinity);
  }
};

// Property tests try the same values with every mutant, so that what they reach and notice is no matter of luck.
fc.configureGlobal({ seed: 1 });

process.on('message', (task: Task) => {
  const end = task.kind === 'baseline' ? baseline(task.testFile, task.sources) : tryMutant(task);
  end.then(
    (value) => process.send?.(value),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
