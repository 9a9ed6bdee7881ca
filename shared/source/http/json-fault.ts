/** A place in a text, as an editor counts it. */
export interface Fault {
  /** Characters before it. */
  readonly position: number;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** Blanks, then a token of JSON; the group is the token. */
const TOKEN =
  /[ \t\n\r]*("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:])/uy;
const BLANKS = /[ \t\n\r]*/uy;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'nothing';

/**
 * Where a text stops being JSON: the first token that cannot follow those before it, or the end of the text. For a text that
 * `JSON.parse` has refused, whose message does not always say it. Undefined for JSON.
 *
 * @example
 * ```ts
 * jsonFault('{"a":x}'); // { position: 5, line: 1, column: 6 }
 * jsonFault('[1]'); // undefined
 * ```
 */
export const jsonFault = (text: string): Fault | undefined => {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const afterValue = (): Expected => (open.length === 0 ? 'nothing' : ', or end');
  for (;;) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[1];
    BLANKS.lastIndex = at;
    const start = at + (BLANKS.exec(text)?.[0].length ?? 0);
    if (token === undefined) return expected === 'nothing' && start === text.length ? undefined : placeAt(text, start);
    const next = followedBy(token, expected, open, afterValue);
    if (next === undefined) return placeAt(text, start);
    expected = next;
    at = start + token.length;
  }
};

/** What may come after a token; undefined where it may not come itself. */
const followedBy = (
  token: string,
  expected: Expected,
  open: ('{' | '[')[],
  afterValue: () => Expected,
): Expected | undefined => {
  const inside = open.at(-1);
  switch (token) {
    case ':':
      return expected === ':' ? 'value' : undefined;
    case ',':
      if (expected !== ', or end') return undefined;
      return inside === '{' ? 'key' : 'value';
    case '}':
    case ']':
      if (inside !== (token === '}' ? '{' : '[')) return undefined;
      if (expected !== ', or end' && expected !== (token === '}' ? 'key or }' : 'value or ]')) return undefined;
      open.pop();
      return afterValue();
    case '{':
    case '[':
      if (expected !== 'value' && expected !== 'value or ]') return undefined;
      open.push(token);
      return token === '{' ? 'key or }' : 'value or ]';
    default:
      if (expected === 'key' || expected === 'key or }') return token.startsWith('"') ? ':' : undefined;
      return expected === 'value' || expected === 'value or ]' ? afterValue() : undefined;
  }
};

const placeAt = (text: string, position: number): Fault => {
  const before = text.slice(0, position).split('\n');
  return { position, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};
