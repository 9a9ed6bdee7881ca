import ts from 'typescript';

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

const namesOf = (node: ts.Statement): readonly string[] => {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText());
  const isNamed =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  return isNamed ? [node.name?.text ?? 'default'] : [];
};

const FIRST_WORDS = /^\S+\s+\S/u;

const hasSentence = (node: ts.Statement): boolean =>
  ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .some(({ comment }) => FIRST_WORDS.test(ts.getTextOfJSDocComment(comment) ?? ''));

const UNIT_IN_THE_MIDDLE = /(?:^|_)(?:MS|SECONDS|MINUTES|HOURS|DAYS|BYTES|KB|MB)_(?!PER_)/u;

const constantFault = (name: string): string | undefined => {
  if (!/^[A-Z][A-Z0-9_]*$/u.test(name)) return undefined;
  if (/_(?:MAX|MIN)(?:_|$)/u.test(name)) return 'begin its name with MAX_ or MIN_';
  return /^(?:MAX|MIN)_/u.test(name) && UNIT_IN_THE_MIDDLE.test(name) ? 'put the unit last' : undefined;
};

/**
 * What is missing in the declarations of a source file, a line each: exports without a sentence of documentation, and constants
 * whose name is not in the project's order (`MAX_KEY_BYTES`: the limit first, the unit last).
 *
 * @param path From the project's root, with `/` between folders.
 */
export const declarationFindings = (path: string, text: string): readonly string[] => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return file.statements.flatMap((statement) => {
    const at = `${path}:${file.getLineAndCharacterOfPosition(statement.getStart(file)).line + 1}`;
    return namesOf(statement).flatMap((name) => {
      const fault = ts.isVariableStatement(statement) ? constantFault(name) : undefined;
      return [
        ...(isExported(statement) && !hasSentence(statement)
          ? [`${at} exports ${name} without a sentence: say what it means`]
          : []),
        ...(fault === undefined ? [] : [`${at} declares ${name}: ${fault}`]),
      ];
    });
  });
};
