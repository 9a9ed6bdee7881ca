import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sourceFiles } from '../support/source-files.ts';
import { allMutationsOf } from './support/hand-made.ts';
import { mutated, mutationsFrom, mutationsOf, type Mutation } from './support/mutations.ts';
import { runPool, type PoolEnd } from './support/pool.ts';
import { reported, scoreOf, survivorsOf } from './support/report.ts';
import { isCurrent, type MutantResult, type Outcome } from './support/results.ts';
import { sampleOf } from './support/sample.ts';
import { readVerdicts, verdictOn } from './support/verdicts.ts';

const mutantsOf = (text: string): readonly string[] =>
  mutationsOf('shared/a.ts', text).map((mutation) => mutated(text, mutation));

describe('a mutation is one small fault', () => {
  const cases: readonly (readonly [rule: string, text: string, ...mutants: readonly string[]])[] = [
    ['a border moves, and a comparison turns round', 'let y = a < b', 'let y = a <= b', 'let y = a >= b'],
    ['equality turns round', 'let y = a === b', 'let y = a !== b'],
    ['a default is always or never taken', 'let y = a ?? b', 'let y = (a)', 'let y = (b)'],
    ['a sum becomes a difference', 'let y = a + b', 'let y = a - b'],
    ['text that is joined is no sum', "let y = a + '!'"],
    ['a condition is always or never met', 'if (a) {}', 'if (false) {}', 'if (true) {}'],
    ['a loop is never begun, and never endless', 'while (a) {}', 'while (false) {}'],
    ['a call is left out', 'f();', ';'],
    ['an optional link is taken for granted', 'let y = a?.b', 'let y = a.b'],
    ['the smallest becomes the largest', 'let y = Math.min(a, b)', 'let y = Math.max(a, b)'],
    ['a filter lets all pass', 'let y = a.filter(g)', 'let y = a'],
    ['the first becomes the last or the second', 'let y = a.at(0)', 'let y = a.at(-1)', 'let y = a.at(1)'],
    ['a spread adds nothing', 'let y = { ...a }', 'let y = { ...{} }'],
    ['a condition of a query moves', "let y = 'DELETE FROM a WHERE b <= ?'", "let y = 'DELETE FROM a WHERE b < ?'"],
    ['types, imports and the wording of errors stay', "import 'a'; type A = 1 | 2; throw new Error(`${a + 1}`);"],
  ];

  test.each(cases)('%s', (_rule, text, ...mutants) => {
    expect(mutantsOf(text).toSorted()).toEqual(mutants);
  });

  test('its name stays when lines move, and no two of a file share one', () => {
    const text = 'if (a < b) f();\nif (a < b) f();\n';
    const ids = mutationsOf('shared/a.ts', text).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(mutationsOf('shared/a.ts', `\n\n${text}`).map(({ id }) => id)).toEqual(ids);
  });

  test('a sample depends on the seed, not on the order', () => {
    const all = mutationsOf('shared/a.ts', 'if (a < b && c > d) f(a + b);');
    const ids = (seed: number, from = all): ReadonlySet<string> => new Set(sampleOf(from, 4, seed).map(({ id }) => id));
    expect(ids(1)).toEqual(ids(1, all.toReversed()));
    expect([2, 3, 4, 5].some((seed) => ids(seed).symmetricDifference(ids(1)).size > 0)).toBe(true);
  });
});

describe('a mutant is run in memory', () => {
  const FILE = 'shared/stream/sequence-number.ts';
  const FIRST_RULE = {
    file: 'test/stream/sequence-number.test.ts',
    name: 'sequence numbers are compared as numbers, so 9 comes before 10',
  };
  const CONDITION = 'a.length === b.length';
  const text = readFileSync(join(import.meta.dirname, '../..', FILE), 'utf8');

  /** What becomes of the file with its first condition replaced. */
  const endWith = async (after: string, limitMs = 60_000): Promise<PoolEnd | undefined> => {
    const start = text.indexOf(CONDITION);
    const edit = { operator: 'condition', start, end: start + CONDITION.length, after };
    const [mutation] = mutationsFrom(FILE, text, [edit]);
    if (mutation === undefined) throw new Error(`${FILE} has no ${CONDITION}`);
    let seen: PoolEnd | undefined;
    const files = [{ path: FIRST_RULE.file, tests: [{ name: FIRST_RULE.name, ms: 1 }], totalMs: 1 }];
    const task = { kind: 'mutant', mutation, dependents: [FILE, FIRST_RULE.file], files } as const;
    await runPool([{ limitMs, task }], 1, (_job, end) => {
      seen = end;
    });
    return seen;
  };

  test('a fault that a test notices is killed by that test', async () => {
    expect(await endWith('true')).toEqual({ kind: 'killed', by: `${FIRST_RULE.file}: ${FIRST_RULE.name}` });
  });

  test('a fault that makes no difference survives, and the file on the disk is as it was', async () => {
    expect(await endWith(`(${CONDITION})`)).toEqual({ kind: 'survived' });
    expect(readFileSync(join(import.meta.dirname, '../..', FILE), 'utf8')).toBe(text);
  });

  test('what is no program does not count', async () => {
    expect(await endWith('a b')).toMatchObject({ kind: 'invalid' });
  });

  test('what never ends is ended', async () => {
    expect(await endWith('(() => { for (;;); })()', 3000)).toEqual({ kind: 'timed-out' });
  });
});

describe('results', () => {
  const [first, second, third] = mutationsOf('shared/engine/a.ts', 'if (a) f();');
  const resultOf = (mutation: Mutation | undefined, outcome: Outcome): [string, MutantResult] => {
    const id = mutation?.id ?? '';
    return [id, { id, outcome, by: '', tookMs: 1, source: 's', tests: 't' }];
  };
  const results = new Map([resultOf(first, 'killed'), resultOf(second, 'survived'), resultOf(third, 'timed-out')]);
  const mutations = [first, second, third].filter((one) => one !== undefined);
  const entry = { file: 'shared/engine/a.ts', line: 'if (a) f();', why: 'a is always true' };

  test('a survivor is tried again when a test has changed, a killed one when its source has', () => {
    const current = (outcome: Outcome, source: string, tests: string): boolean =>
      isCurrent(resultOf(first, outcome)[1], { source, tests });
    expect([current('survived', 's', 't'), current('killed', 's', 'other')]).toEqual([true, true]);
    expect([current('survived', 's', 'other'), current('uncovered', 's', 'other')]).toEqual([false, false]);
    expect([current('killed', 'other', 't'), current('timed-out', 'other', 't')]).toEqual([false, false]);
  });

  test('the score counts what was run, and what ends late or never counts as noticed', () => {
    const score = scoreOf('shared/engine', reported(mutations, results, []));
    expect(score).toMatchObject({ mutants: 3, counted: 3, killed: 2, survived: 1, equivalent: 0 });
    expect(scoreOf('shared/engine', reported(mutations, new Map(), []))).toMatchObject({ mutants: 3, counted: 0 });
  });

  test('an equivalent mutant does not count, an accepted one does', () => {
    const of = (kind: 'equivalent' | 'accepted'): ReturnType<typeof reported> =>
      reported(mutations, results, [{ ...entry, before: second?.before ?? '', after: second?.after ?? '', kind }]);
    expect(scoreOf('', of('equivalent'))).toMatchObject({ counted: 2, killed: 2, equivalent: 1 });
    expect(scoreOf('', of('accepted'))).toMatchObject({ counted: 3, killed: 2, equivalent: 0 });
    expect(survivorsOf(of('accepted')).map(({ verdict }) => verdict?.why)).toEqual(['a is always true']);
  });

  test('an entry without a reason is refused', () => {
    const text = JSON.stringify([{ ...entry, before: 'a', after: 'true', kind: 'equivalent', why: ' ' }]);
    expect(() => readVerdicts(text)).toThrow(/entry 0 of equivalent\.json .* needs .* why/u);
  });

  test('an entry that no mutant of its file fits is refused: the code has changed', () => {
    const stale = readVerdicts().filter((verdict) => {
      const mutants = sourceFiles('shared').filter(({ path }) => path === verdict.file);
      return !mutants.some(({ path, text }) =>
        allMutationsOf(path, text).some((mutation) => verdictOn(mutation, [verdict]) !== undefined),
      );
    });
    expect(stale).toEqual([]);
  });
});
