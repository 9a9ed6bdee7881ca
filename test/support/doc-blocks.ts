import { textFiles } from './source-files.ts';

/** Code for the reader of a page, and where it is. */
export interface DocBlock {
  readonly at: string;
  readonly code: string;
}

const ENTRIES: readonly (readonly [path: RegExp, entry: string])[] = [
  [/'(?:\.\.\/)+shared\/index\.ts'/gu, "'millrace'"],
  [/'(?:\.\.\/)+shared\/lambda\.ts'/gu, "'millrace/lambda'"],
  [/'(?:\.\.\/)+shared\/testing\.ts'/gu, "'millrace/testing'"],
  [/'(?:\.\.\/)+infra\/index\.ts'/gu, "'millrace/cdk'"],
];

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** What is decided is not rewritten, and what is generated comes from examples that are run where they are written. */
const UNCHECKED = /^docs\/(?:decisions|api)\//u;

/** The fenced blocks of one language in the given pages. */
export const pageBlocks = (language: string, ...pages: readonly string[]): readonly DocBlock[] =>
  textFiles(...pages)
    .filter(({ path }) => path.endsWith('.md') && !UNCHECKED.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gmsu'))].map(({ index, 1: code = '' }) => ({
        at: `${path}:${String(lineAt(text, index))}`,
        code,
      })),
    );

/** What is between the lines `// begin` and `// end` of tests, as a page shows it: imports name the package, not its files. */
export const testedBlocks = (...tests: readonly string[]): readonly DocBlock[] =>
  textFiles(...tests).flatMap(({ path, text }) =>
    [...text.matchAll(/^( *)\/\/ begin\n(.*?)^ *\/\/ end$/gmsu)].map(({ index, 1: indent = '', 2: code = '' }) => ({
      at: `${path}:${String(lineAt(text, index))}`,
      code: ENTRIES.reduce(
        (shown, [file, entry]) => shown.replaceAll(file, entry),
        code.replaceAll(new RegExp(`^${indent}`, 'gmu'), ''),
      ),
    })),
  );
