import { posix } from 'node:path';
import ts from 'typescript';

/** One import or re-export that a file states, static or dynamic. */
export interface SourceImport {
  /** Path from the project's root where the import is relative, else the specifier as written. */
  readonly target: string;
  readonly line: number;
  /** True where nothing of the target is loaded when the program runs. */
  readonly typeOnly: boolean;
}

const specifierOf = (node: ts.Node): ts.Expression | undefined => {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined;
  }
  if (ts.isCallExpression(node)) {
    const required = ts.isIdentifier(node.expression) && node.expression.text === 'require';
    if (required || node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  }
  return undefined;
};

const isTypeOnly = (node: ts.Node): boolean =>
  (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
  (ts.isExportDeclaration(node) && node.isTypeOnly) ||
  ts.isImportTypeNode(node);

/** Loads the config of the user's project, which no folder of ours holds. */
const LOADS_CONFIG = 'shared/pipeline/config.ts';

/**
 * The imports of one file, in order.
 *
 * A dynamic import whose target is computed is refused: its direction could not be checked.
 *
 * @param path From the project's root, with `/` between folders.
 */
export const sourceImports = (path: string, text: string): readonly SourceImport[] => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const found: SourceImport[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined && (path !== LOADS_CONFIG || ts.isStringLiteralLike(specifier))) {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      if (!ts.isStringLiteralLike(specifier)) throw new Error(`${path}:${line} imports a computed path: write it out`);
      const target = specifier.text.startsWith('.') ? posix.join(posix.dirname(path), specifier.text) : specifier.text;
      found.push({ target, line, typeOnly: isTypeOnly(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};
