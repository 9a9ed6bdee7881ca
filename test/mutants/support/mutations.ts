import { createHash } from 'node:crypto';
import ts from 'typescript';
import { editsOf, type Edit } from './operators.ts';

/** One small, deliberate fault in one source file. */
export interface Mutation {
  /** Stays the same when lines move: made of the file, the line's text, the edit and its turn among equal ones. */
  readonly id: string;
  /** From the project's root, with `/` between folders. */
  readonly file: string;
  readonly line: number;
  /** The whole first line of the edit, without indentation. */
  readonly lineText: string;
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

/** The source text with a mutation in it. */
export const mutated = (text: string, { start, end, after }: Pick<Mutation, 'start' | 'end' | 'after'>): string =>
  text.slice(0, start) + after + text.slice(end);

const visitAll = (file: ts.SourceFile): readonly Edit[] => {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    // Types and imports do not exist at run time, and the wording of an error is no rule.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isThrowStatement(node)) return;
    edits.push(...editsOf(node, file));
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return edits;
};

/** Edits of one source file as mutations, in the order of the text. */
export const mutationsFrom = (path: string, text: string, edits: readonly Edit[]): readonly Mutation[] => {
  const turns = new Map<string, number>();
  return edits
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map(({ operator, start, end, after }) => {
      const line = text.slice(0, start).split('\n').length;
      const lineText = text.split('\n', line).at(-1)?.trim() ?? '';
      const before = text.slice(start, end);
      const content = JSON.stringify([path, lineText, before, after]);
      const turn = turns.get(content) ?? 0;
      turns.set(content, turn + 1);
      const id = createHash('sha256').update(`${content} ${turn}`).digest('hex').slice(0, 12);
      return { id, file: path, line, lineText, operator, start, end, before, after };
    });
};

/**
 * Every mutation that the operators make of one source file.
 *
 * @param path From the project's root, with `/` between folders.
 */
export const mutationsOf = (path: string, text: string): readonly Mutation[] =>
  mutationsFrom(path, text, visitAll(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)));
