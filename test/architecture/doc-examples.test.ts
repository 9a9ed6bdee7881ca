import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { docExamples, runExample, type DocExample, type ExampleLine } from '../support/doc-examples.ts';
import { sourceFiles } from '../support/source-files.ts';

const examples = sourceFiles('shared', 'functions', 'cli').flatMap(({ path, absolutePath, text }) =>
  docExamples(text)
    .filter(({ ignored }) => !ignored)
    .map((example) => ({ at: `${path}:${example.line}`, path, absolutePath, example })),
);

const linesOf = async (
  example: DocExample,
  exports: Readonly<Record<string, unknown>>,
): Promise<readonly ExampleLine[]> => {
  const lines: ExampleLine[] = [];
  await runExample(example, exports, (line) => lines.push(line));
  return lines;
};

describe('an example in a doc comment tells the truth', () => {
  test.each(examples)('$at', async ({ path, absolutePath, example }) => {
    const exports: unknown = await import(pathToFileURL(absolutePath).href);
    const scope = typeof exports === 'object' ? { ...exports } : {};
    await runExample(example, scope, ({ line, expression, actual, expected }) => {
      const name = `${path}:${line} ${expression}`;
      expect({ [name]: actual }).toEqual({ [name]: expected });
    });
  });
});

describe('the check', () => {
  const source = [
    '/** No example here. */',
    'export const one = 1;',
    '/**',
    ' * Doubles.',
    ' *',
    ' * @example',
    ' * ```ts',
    ' * const two: number = double(one);',
    ' * double(two); // 4',
    ' * double(',
    ' *   two,',
    " * ); // 'never'",
    ' * ```',
    ' *',
    ' * @remarks nothing more',
    ' */',
    'export const double = (n: number): number => n * 2;',
    '  /**',
    '   * @example',
    '   * double(3); // 6',
    '   * @example',
    '   * ```ts ignore',
    '   * const runtime = open(); // the local one',
    '   * ```',
    '   */',
    '',
  ].join('\n');
  const exports = { one: 1, double: (n: number): number => n * 2 };
  const found = docExamples(source);

  test('finds every example, with or without a fence, at its line', () => {
    expect(found.map(({ line, ignored }) => ({ line, ignored }))).toEqual([
      { line: 8, ignored: false },
      { line: 20, ignored: false },
      { line: 23, ignored: true },
    ]);
  });

  test('runs the lines before an expression and gives what it is beside what it should be', async () => {
    const lines = await Promise.all(found.slice(0, 2).map((example) => linesOf(example, exports)));
    expect(lines.flat()).toEqual([
      { line: 9, expression: 'double(two)', actual: 4, expected: 4 },
      { line: 12, expression: 'double(\n  two,\n)', actual: 4, expected: 'never' },
      { line: 20, expression: 'double(3)', actual: 6, expected: 6 },
    ]);
  });

  test('looks at a value when its line is run, not at the end of the example', async () => {
    const seen: unknown[] = [];
    const code = 'const list: number[] = [];\nlist; // []\nlist.push(1); // 1\n';
    await runExample({ line: 1, code, ignored: false }, {}, ({ actual }) => seen.push(structuredClone(actual)));
    expect(seen).toEqual([[], 1]);
  });

  test('waits for a promise before it looks at its value', async () => {
    expect(await linesOf({ line: 1, code: 'Promise.resolve(7); // 7', ignored: false }, {})).toEqual([
      { line: 1, expression: 'Promise.resolve(7)', actual: 7, expected: 7 },
    ]);
  });

  test('refuses prose where a value should stand', async () => {
    const example: DocExample = { line: 5, code: 'double(1); // twice as much', ignored: false };
    await expect(linesOf(example, exports)).rejects.toThrow("line 5: 'twice as much' is no JavaScript value");
  });

  test('fails on a name the module does not export', async () => {
    await expect(linesOf({ line: 1, code: 'triple(1); // 3', ignored: false }, exports)).rejects.toThrow(
      'triple is not defined',
    );
  });
});
