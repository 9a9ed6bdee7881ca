import { expect, test } from '@jest/globals';
import ts from 'typescript';
import config from '../../millrace.config.ts';
import { sourceFiles } from '../support/source-files.ts';

/** Contract suites make up their own small world, whatever it is called. */
const MADE_UP = 'shared/testing/';

/** Texts and names in the code of a file, where it stands; comments are not code. */
const wordsOf = (text: string): readonly { readonly word: string; readonly line: number }[] => {
  const file = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, false);
  const found: { readonly word: string; readonly line: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node)) {
      found.push({ word: node.text, line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};

const namesIn = (path: string, text: string, names: readonly string[]): readonly string[] =>
  wordsOf(text).flatMap(({ word, line }) =>
    names
      .filter((name) => word.toLowerCase().includes(name.toLowerCase()))
      .map(
        (name) => `${path}:${String(line)} names the pipeline ${name}: what is of one pipeline belongs to its folder`,
      ),
  );

const NAMES = config.pipelines.map(({ name }) => name);

test('no file of cli, infra, shared or bench/support names a pipeline', () => {
  const files = sourceFiles('shared', 'infra', 'cli', 'bench/support').filter(({ path }) => !path.startsWith(MADE_UP));
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap(({ path, text }) => namesIn(path, text, NAMES))).toEqual([]);
});

test.each([
  ['a text', "const name = 'weather-raw';"],
  ['a template', 'const name = `weather-${stage}`;'],
  ['a name', 'const weatherFiles = 1;'],
])('the check sees %s that names a pipeline', (_what, text) => {
  expect(namesIn('cli/a.ts', text, ['weather'])).toHaveLength(1);
});

test('the check lets a comment pass', () => {
  expect(namesIn('cli/a.ts', "// as 'weather/assemble' does\nconst a = 1;", ['weather'])).toEqual([]);
});
