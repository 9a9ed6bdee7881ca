import { expect, test } from '@jest/globals';
import { declarationFindings } from '../support/source-docs.ts';
import { sourceFiles } from '../support/source-files.ts';

/** Folders whose declarations are checked. */
const FOLDERS = ['bench', 'test/architecture', 'test/mutants'];

test('each export has a sentence, and constants are named limit first and unit last', () => {
  const files = sourceFiles(...FOLDERS);
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(({ path, text }) => declarationFindings(path, text))).toEqual([]);
});

test.each([
  ['a constant', 'export const a = 1;', 'exports a without a sentence'],
  ['a function', 'export function a(): void {}', 'exports a without a sentence'],
  ['a class', 'export class A {}', 'exports A without a sentence'],
  ['a type', 'export type A = 1;', 'exports A without a sentence'],
  ['an interface', 'export interface A {}', 'exports A without a sentence'],
  ['a comment that is none of documentation', '// Says much.\nexport const a = 1;', 'exports a without a sentence'],
  ['a tag without a sentence', '/** @internal */\nexport const a = 1;', 'exports a without a sentence'],
  ['a limit at the end', 'const SIZE_MAX = 1;', 'declares SIZE_MAX: begin its name with MAX_ or MIN_'],
  ['a unit in the middle', 'const MAX_BYTES_KEY = 1;', 'declares MAX_BYTES_KEY: put the unit last'],
])('the check sees %s', (_rule, text, finding) => {
  expect(declarationFindings('a.ts', text)).toEqual([expect.stringContaining(finding)]);
});

test.each([
  ['a sentence', '/** The first letter. */\nexport const a = 1;'],
  ['a sentence before an example', '/**\n * The first letter.\n *\n * @example\n * a; // 1\n */\nexport const a = 1;'],
  ['what another file declares', "export { a } from './a.ts';\nexport * from './b.ts';"],
  ['what only the file itself uses', 'const a = 1;'],
  ['a rate', 'const MAX_BYTES_PER_SECOND = 1;\nconst MAX_KEY_BYTES = 1;'],
])('the check lets pass %s', (_rule, text) => {
  expect(declarationFindings('a.ts', text)).toEqual([]);
});
