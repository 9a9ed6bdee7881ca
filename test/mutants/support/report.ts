import type { Mutation } from './mutations.ts';
import type { MutantResult } from './results.ts';
import { verdictOn, type Verdict } from './verdicts.ts';

/** A mutant with what became of it and, where it was written down, why that is so. */
export interface Reported {
  readonly mutation: Mutation;
  readonly result: MutantResult | undefined;
  readonly verdict: Verdict | undefined;
}

/** How many mutants of a folder were noticed. */
export interface Score {
  readonly folder: string;
  readonly mutants: number;
  /** With a result that counts: neither invalid nor equivalent. */
  readonly counted: number;
  readonly killed: number;
  readonly survived: number;
  readonly uncovered: number;
  readonly equivalent: number;
}

const MAX_SHOWN_CHARACTERS = 70;

/** Puts mutants together with their results and verdicts. */
export const reported = (
  mutations: readonly Mutation[],
  results: ReadonlyMap<string, MutantResult>,
  verdicts: readonly Verdict[],
): readonly Reported[] =>
  mutations.map((mutation) => ({
    mutation,
    result: results.get(mutation.id),
    verdict: verdictOn(mutation, verdicts),
  }));

const isNoticed = ({ result }: Reported): boolean =>
  result !== undefined && ['killed', 'timed-out', 'crashed'].includes(result.outcome);

const isMissed = ({ result }: Reported): boolean => result?.outcome === 'survived' || result?.outcome === 'uncovered';

const isEquivalent = (one: Reported): boolean => isMissed(one) && one.verdict?.kind === 'equivalent';

/** The score of all mutants whose file is under a folder. */
export const scoreOf = (folder: string, all: readonly Reported[]): Score => {
  const of = all.filter(({ mutation }) => folder === '' || mutation.file.startsWith(`${folder}/`));
  const missed = of.filter((one) => isMissed(one) && !isEquivalent(one));
  const killed = of.filter(isNoticed).length;
  return {
    folder,
    mutants: of.length,
    counted: killed + missed.length,
    killed,
    survived: missed.filter(({ result }) => result?.outcome === 'survived').length,
    uncovered: missed.filter(({ result }) => result?.outcome === 'uncovered').length,
    equivalent: of.filter(isEquivalent).length,
  };
};

/** The share of the counted mutants that were killed, as people read it. */
export const percentOf = ({ killed, counted }: Score): string =>
  counted === 0 ? '-' : `${((100 * killed) / counted).toFixed(1)} %`;

/** Mutants that no test noticed and that some program could, in the order of files and lines. */
export const survivorsOf = (all: readonly Reported[]): readonly Reported[] =>
  all.filter((one) => isMissed(one) && !isEquivalent(one));

const shown = (text: string): string => {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > MAX_SHOWN_CHARACTERS ? `${line.slice(0, MAX_SHOWN_CHARACTERS)}…` : line;
};

/** One mutant on one line: where, and what was changed into what. */
export const mutantLine = ({ mutation }: Pick<Reported, 'mutation'>): string =>
  `${mutation.file}:${mutation.line} ${mutation.operator}: ${shown(mutation.before)} -> ${shown(mutation.after) || '(nothing)'}`;

const code = (text: string): string => `\`\` ${text.replaceAll('|', '\\|')} \`\``;

/** The generated part of docs/mutants.md: the score of each folder, and every survivor with a word on it. */
export const markdownOf = (folders: readonly string[], all: readonly Reported[]): string => {
  const rows = [...folders, ''].map((folder) => {
    const score = scoreOf(folder, all);
    const { counted, killed, survived, uncovered, equivalent } = score;
    const name = folder === '' ? 'all' : `\`${folder}\``;
    return `| ${[name, counted, killed, survived, uncovered, equivalent, percentOf(score)].join(' | ')} |`;
  });
  const survivors = survivorsOf(all);
  const byFile = Map.groupBy(survivors, ({ mutation }) => mutation.file);
  return [
    '| folder | mutants | killed | survived | never run | equivalent | score |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    ...[...byFile].flatMap(([file, of]) => [
      '',
      `### ${file}`,
      '',
      ...of.map(({ mutation, result, verdict }) => {
        const edit = `${code(shown(mutation.before))} to ${code(shown(mutation.after) || '(nothing)')}`;
        const why = verdict?.why ?? (result?.outcome === 'uncovered' ? 'no test runs it' : 'a test is missing');
        return `- line ${mutation.line}, ${mutation.operator}: ${edit}: ${why}`;
      }),
    ]),
    '',
  ].join('\n');
};
