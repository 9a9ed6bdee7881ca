import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFiles, type SourceFile } from '../../support/source-files.ts';
import { mutationsFrom, mutationsOf, type Mutation } from './mutations.ts';

const FILE = join(import.meta.dirname, '../hand-made.json');

/** A fault that no operator makes, written down by hand: the wrong order of two steps, a condition that was forgotten. */
interface HandMade {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The rule it breaks. */
  readonly what: string;
}

const isEntry = (value: unknown): value is HandMade =>
  typeof value === 'object' &&
  value !== null &&
  ['file', 'find', 'replace', 'what'].every((name) => typeof Reflect.get(value, name) === 'string');

const read = (): readonly HandMade[] => {
  const entries: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  if (Array.isArray(entries) && entries.every(isEntry)) return entries;
  throw new Error('hand-made.json must be a list of { file, find, replace, what }');
};

const HAND_MADE = read();

/** Those made by hand whose text a source file has. */
const handMadeOf = (path: string, text: string): readonly Mutation[] =>
  mutationsFrom(
    path,
    text,
    HAND_MADE.filter(({ file, find }) => file === path && text.includes(find)).map(({ find, replace }) => {
      const start = text.indexOf(find);
      return { operator: HAND, start, end: start + find.length, after: replace };
    }),
  );

const HAND = 'hand-made';

/** Every mutation of a source file: those of the operators, then those made by hand. */
export const allMutationsOf = (path: string, text: string): readonly Mutation[] => [
  ...mutationsOf(path, text),
  ...handMadeOf(path, text),
];

/** Whether a mutation is one of those made by hand. */
export const isHandMade = ({ operator }: Mutation): boolean => operator === HAND;

/** The files for which mutants are made by hand. */
export const handMadeSources = (): readonly SourceFile[] => {
  const files = new Set(HAND_MADE.map(({ file }) => file));
  return sourceFiles('shared', 'cli').filter(({ path }) => files.has(path));
};

/** Mutants made by hand whose text is not in the source any more: what they break, to be written anew. */
export const staleHandMade = (): readonly string[] => {
  const texts = new Map(handMadeSources().map(({ path, text }) => [path, text]));
  return HAND_MADE.filter(({ file, find }) => texts.get(file)?.includes(find) !== true).map(
    ({ file, what }) => `${file}: ${what}`,
  );
};
