import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { posix } from 'node:path';

/** What a file loads as soon as it is loaded itself: its imports apart from types and `import()`. */
const loadedBy = (path: string): readonly string[] => {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const clause = statement.importClause;
    if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
    const { text } = statement.moduleSpecifier;
    return [text.startsWith('.') ? posix.join(posix.dirname(path), text) : text];
  });
};

test('the command line starts without the AWS SDK: only commands that need it load it', () => {
  const seen = new Set(['cli/main.ts']);
  for (const path of seen) {
    if (!path.endsWith('.ts')) continue;
    for (const loaded of loadedBy(path)) seen.add(loaded);
  }
  expect(seen.size).toBeGreaterThan(40);
  expect([...seen].filter((path) => /aws-sdk|smithy/u.test(path))).toEqual([]);
});
