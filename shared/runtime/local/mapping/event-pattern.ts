/** Whether a JSON value has what a pattern asks for. */
export type Matcher = (value: unknown) => boolean;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/**
 * Compiles an AWS event pattern, the language of `FilterCriteria` and EventBridge rules.
 *
 * All fields of a pattern must match; a field's list of alternatives needs one that does. Alternatives: text, number,
 * boolean, null, `prefix`, `suffix` (both also with `equals-ignore-case`), `equals-ignore-case`, `anything-but`,
 * `numeric`, `exists`; `$or` takes a list of patterns. Where the value is a list, one matching element is enough. Throws
 * a `TypeError` that names the place for anything else, because AWS refuses such a mapping when it is created.
 *
 * @example
 * ```ts
 * compilePattern({ type: ['buy', { prefix: 'sell' }] })({ type: 'sell-short' }); // true
 * compilePattern({ price: [{ numeric: ['>', 0, '<=', 5] }] })({ price: 7 }); // false
 * ```
 */
export const compilePattern = (pattern: unknown, path = 'pattern'): Matcher => {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw refused(path, 'an object with at least one field', pattern);
  }
  const matchers = Object.entries(pattern).map(([name, part]): Matcher => {
    const at = `${path}.${name}`;
    if (name === '$or') return alternativePatterns(part, at);
    const matches = Array.isArray(part) ? compileAlternatives(part, at) : compileNested(part, at);
    return (value) => matches(fieldOf(value, name));
  });
  return (value) => matchers.every((matches) => matches(value));
};

const refused = (path: string, wanted: string, got: unknown): TypeError =>
  new TypeError(`${path} must be ${wanted}, got ${JSON.stringify(got)}`);

const alternativePatterns = (patterns: unknown, path: string): Matcher => {
  if (!Array.isArray(patterns) || patterns.length < 2) throw refused(path, 'a list of two patterns or more', patterns);
  const matchers = patterns.map((pattern, index) => compilePattern(pattern, `${path}[${String(index)}]`));
  return (value) => matchers.some((matches) => matches(value));
};

const compileNested = (pattern: unknown, path: string): Matcher => {
  const matches = compilePattern(pattern, path);
  return (value) => (Array.isArray(value) ? value.some((element) => matches(element)) : matches(value));
};

const compileAlternatives = (alternatives: readonly unknown[], path: string): Matcher => {
  if (alternatives.length === 0) throw refused(path, 'a list of at least one alternative', alternatives);
  const matchers = alternatives.map((alternative, index) => compileRule(alternative, `${path}[${String(index)}]`));
  return (value) => matchers.some((matches) => matches(value));
};

/** Comparisons look at leaves only: an object is none, and an empty list has none. */
const leavesOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value.flatMap(leavesOf) : isObject(value) || value === undefined ? [] : [value];

const someLeaf =
  (matches: Matcher): Matcher =>
  (value) =>
    leavesOf(value).some(matches);

const compileRule = (rule: unknown, path: string): Matcher => {
  if (!isObject(rule)) {
    if (Array.isArray(rule)) throw refused(path, 'a value or a rule', rule);
    return someLeaf((leaf) => leaf === rule);
  }
  const [name, ...others] = Object.keys(rule);
  if (name === undefined || others.length > 0) throw refused(path, 'a rule with exactly one name', rule);
  const argument = rule[name];
  const at = `${path}.${name}`;
  switch (name) {
    case 'prefix':
      return textRule(argument, at, (leaf, text) => leaf.startsWith(text));
    case 'suffix':
      return textRule(argument, at, (leaf, text) => leaf.endsWith(text));
    case 'equals-ignore-case':
      return textRule({ 'equals-ignore-case': argument }, at, (leaf, text) => leaf === text);
    case 'anything-but':
      return anythingBut(argument, at);
    case 'numeric':
      return someLeaf(numericRange(argument, at));
    case 'exists':
      if (typeof argument !== 'boolean') throw refused(at, 'true or false', argument);
      return (value) => leavesOf(value).length > 0 === argument;
    default:
      throw refused(path, `one of ${RULES}`, rule);
  }
};

const RULES = 'prefix, suffix, equals-ignore-case, anything-but, numeric, exists';

const textRule = (argument: unknown, path: string, compare: (leaf: string, text: string) => boolean): Matcher => {
  const ignoreCase = isObject(argument);
  const text = ignoreCase ? argument['equals-ignore-case'] : argument;
  if (typeof text !== 'string') throw refused(path, 'text, or { "equals-ignore-case": text }', argument);
  const lower = text.toLowerCase();
  return someLeaf((leaf) => {
    if (typeof leaf !== 'string') return false;
    return ignoreCase ? compare(leaf.toLowerCase(), lower) : compare(leaf, text);
  });
};

/** The poller knows no prefixes and the like in here; EventBridge's event buses do. */
const anythingBut = (argument: unknown, path: string): Matcher => {
  const excluded: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  const kinds = new Set(excluded.map((value) => typeof value));
  if (excluded.length === 0 || kinds.size !== 1 || !(kinds.has('string') || kinds.has('number'))) {
    throw refused(path, 'a text, a number, or a list of only texts or only numbers', argument);
  }
  return someLeaf((leaf) => !excluded.includes(leaf));
};

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

const numericRange = (argument: unknown, path: string): Matcher => {
  const parts: readonly unknown[] = Array.isArray(argument) ? argument : [];
  const bounds = parts
    .filter((_, index) => index % 2 === 0)
    .map((operator, index) => {
      const compare = typeof operator === 'string' ? fieldOf(COMPARISONS, operator) : undefined;
      const bound = parts[index * 2 + 1];
      return typeof operator === 'string' && compare !== undefined && typeof bound === 'number'
        ? { compare: COMPARISONS[operator], bound }
        : undefined;
    });
  if (bounds.length === 0 || bounds.length > 2 || parts.length % 2 === 1 || bounds.includes(undefined)) {
    throw refused(path, 'one or two of = < <= > >=, each followed by a number', argument);
  }
  return (leaf) => typeof leaf === 'number' && bounds.every((bound) => bound?.compare?.(leaf, bound.bound) ?? false);
};
