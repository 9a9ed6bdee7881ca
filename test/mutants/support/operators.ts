import ts from 'typescript';

/** A replacement in a source text, and the kind of fault it makes. */
export interface Edit {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly after: string;
}

type Operator = (node: ts.Node, file: ts.SourceFile) => readonly Edit[];

const K = ts.SyntaxKind;

const replace = (operator: string, node: ts.Node, file: ts.SourceFile, ...afters: readonly string[]): readonly Edit[] =>
  afters.map((after) => ({ operator, start: node.getStart(file), end: node.end, after }));

/** What an operator token turns into, and the name of the fault. */
const TOKENS: ReadonlyMap<ts.SyntaxKind, readonly [operator: string, ...afters: readonly string[]]> = new Map([
  [K.LessThanToken, ['comparison', '<=', '>=']],
  [K.LessThanEqualsToken, ['comparison', '<', '>']],
  [K.GreaterThanToken, ['comparison', '>=', '<=']],
  [K.GreaterThanEqualsToken, ['comparison', '>', '<']],
  [K.EqualsEqualsEqualsToken, ['equality', '!==']],
  [K.ExclamationEqualsEqualsToken, ['equality', '===']],
  [K.AmpersandAmpersandToken, ['logic', '||']],
  [K.BarBarToken, ['logic', '&&']],
  [K.PlusToken, ['arithmetic', '-']],
  [K.MinusToken, ['arithmetic', '+']],
  [K.AsteriskToken, ['arithmetic', '/']],
  [K.SlashToken, ['arithmetic', '*']],
  [K.PercentToken, ['arithmetic', '*']],
  [K.PlusEqualsToken, ['arithmetic', '-=']],
  [K.MinusEqualsToken, ['arithmetic', '+=']],
  [K.AmpersandAmpersandEqualsToken, ['logic', '||=', '=']],
  [K.BarBarEqualsToken, ['logic', '&&=', '=']],
  [K.QuestionQuestionEqualsToken, ['logic', '=']],
]);

const isText = (node: ts.Expression): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

const binary: Operator = (node, file) => {
  if (!ts.isBinaryExpression(node)) return [];
  const { left, right, operatorToken } = node;
  if (operatorToken.kind === K.QuestionQuestionToken) {
    return replace('default', node, file, `(${left.getText(file)})`, `(${right.getText(file)})`);
  }
  const joinsText = (operatorToken.kind === K.PlusToken && isText(node)) || isText(right);
  const [operator, ...afters] = TOKENS.get(operatorToken.kind) ?? [];
  if (operator === undefined || (operator === 'arithmetic' && joinsText)) return [];
  return replace(operator, operatorToken, file, ...afters);
};

const isLogical = (node: ts.Expression): boolean =>
  ts.isBinaryExpression(node) &&
  [K.AmpersandAmpersandToken, K.BarBarToken].some((kind) => node.operatorToken.kind === kind);

const isChoice = (node: ts.Expression): boolean =>
  isLogical(node) ||
  (ts.isBinaryExpression(node) &&
    ['comparison', 'equality'].includes(TOKENS.get(node.operatorToken.kind)?.[0] ?? '')) ||
  (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken);

/** The expression whose truth a statement goes by, if it is one. */
const conditionOf = (node: ts.Node): ts.Expression | undefined => {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return node.expression;
  if (ts.isConditionalExpression(node) || ts.isForStatement(node)) return node.condition;
  return undefined;
};

const isLiteral = (node: ts.Expression): boolean => node.kind === K.TrueKeyword || node.kind === K.FalseKeyword;

const condition: Operator = (node, file) => {
  const one = conditionOf(node);
  if (one !== undefined && !isLiteral(one)) {
    // A loop that goes on for good only measures the time-out.
    const isLoop = !ts.isIfStatement(node) && !ts.isConditionalExpression(node);
    return replace('condition', one, file, ...(isLoop ? ['false'] : ['true', 'false']));
  }
  if (!ts.isBinaryExpression(node) || !isLogical(node)) return [];
  const neutral = node.operatorToken.kind === K.AmpersandAmpersandToken ? 'true' : 'false';
  return [node.left, node.right].filter(isChoice).flatMap((side) => replace('condition', side, file, neutral));
};

/** The value a function ends with where it is a choice between true and false. */
const answer: Operator = (node, file) => {
  const value = ts.isReturnStatement(node) ? node.expression : ts.isArrowFunction(node) ? node.body : undefined;
  if (value === undefined || ts.isBlock(value)) return [];
  if (isChoice(value)) return replace('answer', value, file, 'true', 'false');
  const isPlain = isLiteral(value) || (ts.isIdentifier(value) && value.text === 'undefined');
  return isPlain || (ts.isArrowFunction(node) && !ts.isVariableDeclaration(node.parent))
    ? []
    : replace('answer', value, file, 'undefined');
};

const unary: Operator = (node, file) => {
  if (ts.isPrefixUnaryExpression(node) && (node.operator === K.ExclamationToken || node.operator === K.MinusToken)) {
    return replace('unary', node, file, node.operand.getText(file));
  }
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return [];
  const text = node.getText(file);
  const turned = text.includes('++') ? text.replace('++', '--') : text.replace('--', '++');
  return turned === text ? [] : replace('unary', node, file, turned);
};

const literal: Operator = (node, file) => {
  if (node.kind === K.TrueKeyword) return replace('literal', node, file, 'false');
  if (node.kind === K.FalseKeyword) return replace('literal', node, file, 'true');
  // A constant with a name is a setting, and its tests use the name; a number in the middle of code is logic.
  const isNamed = ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent);
  if (!ts.isNumericLiteral(node) || isNamed || !/^\d{1,2}$/u.test(node.text)) return [];
  return replace('literal', node, file, String(Number(node.text) + 1));
};

/** Statements that only have an effect: without them, is anything missed? */
const removal: Operator = (node, file) => {
  if (ts.isExpressionStatement(node)) return replace('removal', node, file, ';');
  if (ts.isContinueStatement(node) || (ts.isBreakStatement(node) && !ts.isCaseClause(node.parent))) {
    return replace('removal', node, file, ';');
  }
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) {
    const empty = ts.isSpreadElement(node) ? '...[]' : '...{}';
    return ts.isCallExpression(node.parent) ? [] : replace('removal', node, file, empty);
  }
  return [];
};

const METHODS: ReadonlyMap<string, string> = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['min', 'max'],
  ['max', 'min'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
  ['find', 'findLast'],
  ['findLast', 'find'],
  ['findIndex', 'findLastIndex'],
  ['findLastIndex', 'findIndex'],
  ['indexOf', 'lastIndexOf'],
  ['lastIndexOf', 'indexOf'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
  ['push', 'unshift'],
  ['unshift', 'push'],
  ['pop', 'shift'],
  ['shift', 'pop'],
  ['all', 'race'],
]);

/** Calls that a value passes through: left out, the value passes unchanged. */
const PASSED: ReadonlySet<string> = new Set([
  ...['filter', 'slice', 'sort', 'toSorted', 'reverse', 'toReversed', 'subarray', 'trim', 'toLowerCase', 'flat'],
]);

const method: Operator = (node, file) => {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const { name, expression } = node.expression;
  const other = METHODS.get(name.text);
  if (other !== undefined) return replace('method', name, file, other);
  if (PASSED.has(name.text) && !ts.isExpressionStatement(node.parent)) {
    return replace('method', node, file, expression.getText(file));
  }
  if (name.text !== 'at' || node.arguments.length !== 1) return [];
  const index = node.arguments[0]?.getText(file);
  return index === '-1' || index === '0'
    ? replace('method', node.arguments[0] ?? node, file, index === '0' ? '-1' : '0')
    : [];
};

const optional: Operator = (node, file) => {
  const isChain =
    ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) || ts.isCallExpression(node);
  if (!isChain || node.questionDotToken === undefined) return [];
  return replace('optional', node.questionDotToken, file, ts.isPropertyAccessExpression(node) ? '.' : '');
};

const QUERY = /\b(?:SELECT|INSERT|UPDATE|DELETE|attribute_(?:not_)?exists)\b|(?:<=|>=|<|>|=) :/u;
const QUERY_SWAPS: readonly (readonly [found: RegExp, after: string])[] = [
  [/ <= /gu, ' < '],
  [/ >= /gu, ' > '],
  [/ < /gu, ' <= '],
  [/ > /gu, ' >= '],
  [/ AND /gu, ' OR '],
  [/ OR /gu, ' AND '],
  [/ DESC\b/gu, ' ASC'],
  [/ ORDER BY [\w, ]+/gu, ''],
  [/attribute_not_exists/gu, 'attribute_exists'],
];

/** Conditions written in the language of a database. */
const query: Operator = (node, file) => {
  const isPart =
    ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
  if (!isPart) return [];
  const text = node.getText(file);
  if (!QUERY.test(text)) return [];
  const start = node.getStart(file);
  return QUERY_SWAPS.flatMap(([found, after]) =>
    [...text.matchAll(found)].map((match) => ({
      operator: 'query',
      start: start + match.index,
      end: start + match.index + match[0].length,
      after,
    })),
  );
};

const OPERATORS: readonly Operator[] = [binary, condition, answer, unary, literal, removal, method, optional, query];

/** The faults that can be made at one node of a source file, its children not counted. */
export const editsOf: Operator = (node, file) => OPERATORS.flatMap((operator) => operator(node, file));
