import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How the tests took a mutant. `uncovered`: no test runs the code; `invalid`: the mutation is no program, and does not count. */
export type Outcome = 'killed' | 'survived' | 'uncovered' | 'timed-out' | 'crashed' | 'invalid';

/** What became of one mutant, as a line of the results file. */
export interface MutantResult {
  readonly id: string;
  readonly outcome: Outcome;
  /** The test that noticed it, or the reason. */
  readonly by: string;
  readonly tookMs: number;
  /** Of the source file when it was run. */
  readonly source: string;
  /** Of all tests that could have noticed it. */
  readonly tests: string;
}

const isResult = (value: unknown): value is MutantResult =>
  typeof value === 'object' && value !== null && 'id' in value && 'outcome' in value && 'source' in value;

const resultsIn = (line: string): readonly MutantResult[] => {
  try {
    const value: unknown = JSON.parse(line);
    return isResult(value) ? [value] : [];
  } catch {
    // The last line of a run that was killed while it wrote.
    return [];
  }
};

/** The last result of each mutant in a results file, by mutant. */
export const readResults = (path: string): ReadonlyMap<string, MutantResult> =>
  new Map(
    (existsSync(path) ? readFileSync(path, 'utf8') : '')
      .split('\n')
      .flatMap(resultsIn)
      .map((result) => [result.id, result]),
  );

/** Adds a line to a results file. */
export const appendResult = (path: string, result: MutantResult): void => {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify(result)}\n`);
};

/** Whether a result still says something: a survivor must be tried again when a test has changed, a killed one is dead. */
export const isCurrent = (result: MutantResult, now: Pick<MutantResult, 'source' | 'tests'>): boolean =>
  result.source === now.source && (result.tests === now.tests || !['survived', 'uncovered'].includes(result.outcome));
