import { stripTypeScriptTypes } from 'node:module';
import ts from 'typescript';

/** One `@example` of a doc comment. */
export interface DocExample {
  /** Line of the example's first line of code in its file. */
  readonly line: number;
  readonly code: string;
  /** True where the fence says `ts ignore`: code to read, not to run. */
  readonly ignored: boolean;
}

/** One line `expression; // value` of an example, after it was run. */
export interface ExampleLine {
  readonly line: number;
  readonly expression: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

const DOC_COMMENT = /^[ \t]*\/\*\*(?!\/)(?<inside>[^]*?)\*\//gmu;
const EXAMPLE = /@example\b[^\n]*\n(?<body>[^]*?)(?=\n\s*@\w|$)/gu;
const FENCE = /^(?<open>```(?<info>[^\n]*)\n)(?<code>[^]*?)^```/mu;

const lineBreaks = (text: string): number => text.split('\n').length - 1;

/** The `@example` blocks of a TypeScript file, in order. An example without a fence is code up to the next tag. */
export const docExamples = (source: string): readonly DocExample[] =>
  [...source.matchAll(DOC_COMMENT)].flatMap((comment) => {
    // The stars go and the lines stay, so that a place in the text is still a line of the file.
    const text = (comment.groups?.['inside'] ?? '').replace(/^[ \t]*\* ?/gmu, '');
    return [...text.matchAll(EXAMPLE)].map((example) => {
      const body = example.groups?.['body'] ?? '';
      const fence = FENCE.exec(body)?.groups;
      const before = source.slice(0, comment.index) + text.slice(0, text.indexOf(body, example.index));
      const unfenced = body.indexOf(fence?.['open'] ?? '') + (fence?.['open']?.length ?? 0);
      return {
        line: lineBreaks(before) + lineBreaks(body.slice(0, unfenced)) + 1,
        code: fence?.['code'] ?? body,
        ignored: fence?.['info']?.split(/\s+/u).includes('ignore') ?? false,
      };
    });
  });

/** Runs text as the body of an async function that sees the given names. */
const run = async (body: string, scope: Readonly<Record<string, unknown>>): Promise<unknown> => {
  const names = Object.keys(scope).filter((name) => name !== 'default');
  const code = `'use strict'; return (async () => {${body}\n})();`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- running text is the task
  return await new Function(...names, code)(...names.map((name) => scope[name]));
};

const valueOf = async (text: string, line: number): Promise<unknown> => {
  try {
    return await run(`return (${text}\n);`, {});
  } catch (cause) {
    throw new Error(
      `line ${line}: '${text}' is no JavaScript value; fence the example with 'ts ignore' if it is prose`,
      {
        cause,
      },
    );
  }
};

const commentAfter = (code: string, end: number): string | undefined => {
  const comment = ts.getTrailingCommentRanges(code, end)?.[0];
  return comment === undefined ? undefined : code.slice(comment.pos, comment.end).replace(/^\/\/\s*/u, '');
};

/**
 * Runs one example with the exports of its own module in scope, and gives each line `expression; // value` to `check` as
 * soon as it was run. Statements without a comment after them are run as they are.
 *
 * Rejects where a statement throws, and where a comment after an expression is no JavaScript value.
 */
export const runExample = async (
  example: DocExample,
  exports: Readonly<Record<string, unknown>>,
  check: (line: ExampleLine) => void,
): Promise<void> => {
  const code = stripTypeScriptTypes(example.code, { mode: 'strip' });
  const file = ts.createSourceFile('example.js', code, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const lines: Omit<ExampleLine, 'actual'>[] = [];
  let body = '';
  for (const statement of file.statements) {
    const comment = ts.isExpressionStatement(statement) ? commentAfter(code, statement.end) : undefined;
    if (!ts.isExpressionStatement(statement) || comment === undefined) {
      body += `${statement.getText(file)}\n`;
      continue;
    }
    const line = example.line + lineBreaks(code.slice(0, statement.end));
    const expression = statement.expression.getText(file);
    body += `$check(${lines.length}, await (${expression}\n));\n`;
    lines.push({ line, expression, expected: await valueOf(comment, line) });
  }
  const $check = (at: number, actual: unknown): void => {
    const line = lines[at];
    if (line !== undefined) check({ ...line, actual });
  };
  await run(body, { ...exports, $check });
};
