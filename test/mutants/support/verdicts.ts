import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutation } from './mutations.ts';

const FILE = join(import.meta.dirname, '../equivalent.json');

/** A word on a mutant that no test notices. */
export interface Verdict {
  readonly file: string;
  /** The line the mutation begins on, without indentation: it is found again when lines move. */
  readonly line: string;
  readonly before: string;
  readonly after: string;
  /** `equivalent`: no program can tell the difference, so it does not count; `accepted`: a test could, and is not worth it. */
  readonly kind: 'equivalent' | 'accepted';
  readonly why: string;
}

const isVerdict = (value: unknown): value is Verdict =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  (value.kind === 'equivalent' || value.kind === 'accepted') &&
  ['file', 'line', 'before', 'after', 'why'].every((name) => typeof Reflect.get(value, name) === 'string');

/**
 * The verdicts written in `equivalent.json`.
 *
 * @throws Where an entry is none.
 */
export const readVerdicts = (text: string = readFileSync(FILE, 'utf8')): readonly Verdict[] => {
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries))
    throw new Error('equivalent.json holds no list: write [{ file, line, before, after, kind, why }]');
  return entries.map((entry: unknown, index) => {
    if (isVerdict(entry) && entry.why.trim() !== '') return entry;
    throw new Error(
      `entry ${index} of equivalent.json is ${JSON.stringify(entry)}: it needs file, line, before, after, kind (equivalent or accepted) and why`,
    );
  });
};

/** The verdict on a mutation, if one is written. */
export const verdictOn = (mutation: Mutation, verdicts: readonly Verdict[]): Verdict | undefined =>
  verdicts.find(
    ({ file, line, before, after }) =>
      file === mutation.file && line === mutation.lineText && before === mutation.before && after === mutation.after,
  );
