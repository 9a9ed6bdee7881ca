/*
 * Mutation testing: makes one small fault after another in the library, in memory, and runs the tests that reach it.
 *
 *   npm run mutants                                  all that has no result yet, or whose source or tests have changed
 *   npm run mutants -- --only 'shared/engine/**'     only files that a glob matches, anywhere in shared/
 *   npm run mutants -- --hand-made                   only those of hand-made.json, anywhere
 *   npm run mutants -- --sample 200 --seed 7         a random sample
 *   npm run mutants -- --workers 4 --fresh           that many processes; forget earlier results
 *   npm run mutants -- --report                      run nothing, write the results into docs/mutants.md
 *
 * A run can be stopped and begun again: each result is a line of coverage/mutants.jsonl.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { baseline } from './support/baseline.ts';
import { runPool, type PoolEnd, type PoolTask } from './support/pool.ts';
import { allMutationsOf, handMadeSources, isHandMade, staleHandMade } from './support/hand-made.ts';
import type { Mutation } from './support/mutations.ts';
import { dependentsFinder, digestOf, mutatedSources, SOURCES, testFilesFor, type TestFile } from './support/project.ts';
import { markdownOf, mutantLine, percentOf, reported, scoreOf, survivorsOf, type Reported } from './support/report.ts';
import { appendResult, isCurrent, readResults, type MutantResult, type Outcome } from './support/results.ts';
import { sampleOf } from './support/sample.ts';
import { readVerdicts } from './support/verdicts.ts';
import type { BaselineTest, ReachingFile } from './support/worker.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/mutants.md');
const RESULTS = join(ROOT, 'coverage/mutants.jsonl');
const BASELINE = join(ROOT, 'coverage/mutants-baseline.jsonl');
/** A worker ends by itself what uses too much processor time; this is for one that waits and never goes on. */
const MUTANT_LIMIT_MS = 10 * 60_000;
const PROGRESS_EVERY = 50;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'hand-made': { type: 'boolean', default: false },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    results: { type: 'string', default: RESULTS },
    fresh: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
});

const numberOf = (name: 'sample' | 'seed' | 'workers', text: string): number => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} ${text} is no whole number`);
};

interface MutantJob extends PoolTask {
  readonly mutation: Mutation;
  readonly digests: Pick<MutantResult, 'source' | 'tests'>;
  readonly isReached: boolean;
}

const sources = values['hand-made'] ? handMadeSources() : mutatedSources(values.only);
if (sources.length === 0) throw new Error(`--only ${values.only ?? ''} matches no file in shared/`);
const workers = Math.max(1, numberOf('workers', values.workers));
const everything = sources
  .flatMap(({ path, text }) => allMutationsOf(path, text))
  .filter((mutation) => !values['hand-made'] || isHandMade(mutation));
const wanted =
  values.sample === undefined
    ? everything
    : sampleOf(everything, numberOf('sample', values.sample), numberOf('seed', values.seed));

const outcomeOf = (end: PoolEnd): Pick<MutantResult, 'outcome' | 'by'> => {
  if (end.kind === 'killed') return { outcome: 'killed', by: end.by };
  if (end.kind === 'invalid' || end.kind === 'crashed') return { outcome: end.kind, by: end.why };
  const outcome: Outcome = end.kind === 'timed-out' ? 'timed-out' : 'survived';
  return { outcome, by: '' };
};

/** Slower tests are used only for mutants that no other test reaches: each survivor would wait for all of them. */
const MAX_TEST_MS = 2_000;
/** Without a measurement, a test file is taken to run for so long, in milliseconds. */
const UNKNOWN_MS = 10_000;

/** Faults in what decides whether the code after it runs: there it counts who comes to the whole, not who passes. */
const DECIDING: ReadonlySet<string> = new Set(['logic', 'optional']);

/** The mutations whose reach is that of this one: coverage is counted by blocks, and the right side of `&&` or `?.` is one. */
const reachOf = (mutation: Mutation, inFile: readonly Mutation[]): readonly Mutation[] => {
  if (!DECIDING.has(mutation.operator)) return [mutation];
  const { start } = mutation;
  const around = inFile.filter((one) => one.start < start && start < one.end && !DECIDING.has(one.operator));
  const before = inFile.findLast((one) => one.start < start && !DECIDING.has(one.operator));
  return [mutation, ...around, ...(before === undefined ? [] : [before])];
};

const jobsOf = (
  mutations: readonly Mutation[],
  tests: readonly BaselineTest[],
  testFiles: readonly TestFile[],
  digestsOf: (mutation: Mutation) => MutantJob['digests'],
): readonly MutantJob[] => {
  const byMutant = new Map<string, BaselineTest[]>();
  for (const test of tests) {
    for (const id of test.reaches) {
      const known = byMutant.get(id);
      if (known === undefined) byMutant.set(id, [test]);
      else known.push(test);
    }
  }
  const dependents = dependentsFinder(testFiles);
  const inFile = new Map(sources.map(({ path, text }) => [path, allMutationsOf(path, text)]));
  return mutations.map((mutation) => {
    const reaching = [
      ...new Set(reachOf(mutation, inFile.get(mutation.file) ?? []).flatMap(({ id }) => byMutant.get(id) ?? [])),
    ];
    const quick = reaching.filter(({ ms }) => ms <= MAX_TEST_MS);
    const measured = [...Map.groupBy(quick.length > 0 ? quick : reaching, ({ file }) => file)].map(
      ([path, of]): ReachingFile => ({
        path,
        tests: of.map(({ name, ms }) => ({ name, ms })),
        totalMs: of.reduce((sum, { ms }) => sum + ms, 0),
      }),
    );
    // A mutant made by hand may be newer than the measurement, or of a file that has none.
    const files = isHandMade(mutation)
      ? testFiles
          .filter(({ loads }) => loads.has(mutation.file))
          .map(({ path }): ReachingFile => ({ path, tests: undefined, totalMs: UNKNOWN_MS }))
      : measured;
    const task = { kind: 'mutant', mutation, dependents: dependents(mutation.file), files } as const;
    return { mutation, digests: digestsOf(mutation), task, isReached: files.length > 0, limitMs: MUTANT_LIMIT_MS };
  });
};

const run = async (): Promise<void> => {
  if (values.fresh) rmSync(values.results, { force: true });
  for (const what of staleHandMade()) console.log(`hand-made.json, but no longer in the source: ${what}`);
  const testFiles = testFilesFor(sources);
  const sourceDigests = new Map(sources.map(({ path, text }) => [path, digestOf(text)]));
  const testDigests = new Map(
    sources.map(({ path }) => [
      path,
      digestOf(...testFiles.filter(({ loads }) => loads.has(path)).flatMap((one) => [one.path, one.digest])),
    ]),
  );
  const digestsOf = ({ file }: Mutation): MutantJob['digests'] => ({
    source: sourceDigests.get(file) ?? '',
    tests: testDigests.get(file) ?? '',
  });
  const known = readResults(values.results);
  const open = wanted.filter((mutation) => {
    const result = known.get(mutation.id);
    return result === undefined || !isCurrent(result, digestsOf(mutation));
  });
  console.log(`${open.length} of ${wanted.length} mutants to run, ${testFiles.length} test files, ${workers} workers`);
  if (open.length === 0) return;
  const started = performance.now();
  const measured = [...new Set([...mutatedSources(undefined), ...sources].map(({ path }) => path))];
  const tests = open.every(isHandMade) ? [] : await baseline(BASELINE, testFiles, measured, workers);
  console.log(`${tests.length} tests in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  const jobs = jobsOf(open, tests, testFiles, digestsOf);
  const save = (job: MutantJob, outcome: Pick<MutantResult, 'outcome' | 'by'>, tookMs: number): void => {
    appendResult(values.results, { id: job.mutation.id, ...outcome, tookMs: Math.round(tookMs), ...job.digests });
    if (outcome.outcome === 'survived' || outcome.outcome === 'uncovered') {
      console.log(`${outcome.outcome.padEnd(9)} ${mutantLine(job)}`);
    }
  };
  let done = 0;
  const [reached, unreached] = [true, false].map((is) => jobs.filter(({ isReached }) => isReached === is));
  for (const job of unreached ?? []) save(job, { outcome: 'uncovered', by: '' }, 0);
  await runPool(reached ?? [], workers, (job, end, tookMs) => {
    save(job, outcomeOf(end), tookMs);
    done += 1;
    if (done % PROGRESS_EVERY === 0) {
      const seconds = (performance.now() - started) / 1000;
      console.log(`-- ${done} of ${reached?.length ?? 0} in ${seconds.toFixed(0)} s`);
    }
  });
};

const MARKS = ['<!-- generated by npm run mutants -->', '<!-- end -->'] as const;

const writePage = (all: readonly Reported[]): void => {
  const page = readFileSync(PAGE, 'utf8');
  const [from, to] = [page.indexOf(MARKS[0]) + MARKS[0].length, page.indexOf(MARKS[1])];
  if (to < from) throw new Error(`docs/mutants.md has no ${MARKS.join(' and ')} to write between`);
  writeFileSync(PAGE, `${page.slice(0, from)}\n\n${markdownOf(SOURCES, all)}\n${page.slice(to)}`);
};

if (!values.report) await run();
const all = reported(wanted, readResults(values.results), readVerdicts());
if (values.report) {
  writePage(all);
  console.log('docs/mutants.md is written: run npm run format for its tables');
} else {
  console.log(`\n${survivorsOf(all).length} mutants that no test notices:`);
  for (const one of survivorsOf(all))
    console.log(`${one.verdict?.kind ?? one.result?.outcome ?? ''} ${mutantLine(one)}`);
}
for (const folder of [...SOURCES, '']) {
  const score = scoreOf(folder, all);
  if (score.mutants > 0) {
    const { killed, counted, mutants } = score;
    console.log(
      `${(folder || 'all').padEnd(22)} ${percentOf(score).padStart(7)}  ${killed} of ${counted} killed, ${mutants} mutants`,
    );
  }
}
