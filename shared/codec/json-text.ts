import { types } from 'node:util';
import { isPromise } from './thenable.ts';

/**
 * JSON of a value that comes back from `JSON.parse` as it was.
 *
 * `JSON.stringify` leaves out, rounds and rewrites without a word: NaN becomes null, a Map becomes {}, a Date becomes text.
 * Here each of them is a `RangeError` that names the path of the value and says what to write instead. Allowed are null,
 * booleans, finite numbers, strings, arrays without holes, and plain objects, up to {@link MAX_DEPTH} levels deep. A member
 * that is undefined counts as absent, and -0 is written as 0.
 *
 * Not looked for, because it costs half as much as writing: members under symbols, hidden members, and named members of an array
 * of more than {@link MAX_COUNTED_ELEMENTS} elements. They are left out, as `JSON.stringify` does.
 *
 * @example
 * ```ts
 * jsonText({ station: 'USC00028815', max: 14.4 }); // '{"station":"USC00028815","max":14.4}'
 * jsonText({ max: 14.4, min: undefined }); // '{"max":14.4}'
 * ```
 */
export const jsonText = (value: unknown): string => {
  // Two passes, because a replacer costs more than both: JSON.stringify leaves its native code for each call of it.
  if (!comesBack(value, 0)) throw new RangeError(faultIn(value, '$', []) ?? '$ cannot be written as JSON');
  return JSON.stringify(value);
};

/** Max levels of arrays and objects in one another; deeper is almost always a circle. */
export const MAX_DEPTH = 1000;

/** Runs for each value of each record, so it only answers yes or no; {@link faultIn} says what is wrong. */
const comesBack = (value: unknown, depth: number): boolean => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value === null || contentComesBack(value, depth);
    default:
      return false;
  }
};

const contentComesBack = (value: object, depth: number): boolean => {
  if (depth === MAX_DEPTH || hasToJson(value)) return false;
  if (Array.isArray(value)) return isPlainArray(value) && !hasNamedMembers(value) && elementsComeBack(value, depth + 1);
  return isPlainObject(value) && membersComeBack(value, depth + 1);
};

/* The loops look at texts and numbers themselves: most members are one of these, and a call costs as much as the look. */

const elementsComeBack = (elements: readonly unknown[], depth: number): boolean => {
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator makes a list of texts half as dear again
  for (let at = 0; at < elements.length; at += 1) {
    const element = elements[at];
    if (typeof element === 'string') continue;
    if (!(typeof element === 'number' ? Number.isFinite(element) : comesBack(element, depth))) return false;
  }
  return true;
};

const membersComeBack = (members: Members, depth: number): boolean => {
  // Three times as fast as Object.keys, and of a plain object it sees own members only.
  for (const name in members) {
    const member = members[name];
    if (typeof member === 'string' || member === undefined) continue;
    if (!(typeof member === 'number' ? Number.isFinite(member) : comesBack(member, depth))) return false;
  }
  return true;
};

/**
 * Named members come on top of the elements: `index` of a match, or an array used as a dictionary. Such arrays are short, and
 * counting the members of a long one costs as much as writing it.
 */
const hasNamedMembers = (elements: readonly unknown[]): boolean =>
  elements.length <= MAX_COUNTED_ELEMENTS && Object.keys(elements).length > elements.length;

const MAX_COUNTED_ELEMENTS = 16;

type Members = Readonly<Record<string, unknown>>;

const isPlainObject = (value: object): value is Members => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isRoot(prototype);
};

const isPlainArray = (value: readonly unknown[]): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Array.prototype || (Array.isArray(prototype) && isRoot(Object.getPrototypeOf(prototype)));
};

/** `Object.prototype` of any realm: objects that come from a `node:vm` context are plain too. */
const isRoot = (prototype: unknown): boolean =>
  typeof prototype === 'object' &&
  prototype !== null &&
  Object.getPrototypeOf(prototype) === null &&
  Object.hasOwn(prototype, 'isPrototypeOf');

/** Also one that is not enumerable, because JSON.stringify calls it all the same. */
const hasToJson = (value: object): boolean => 'toJSON' in value && typeof value.toJSON === 'function';

interface Ancestor {
  readonly value: object;
  readonly path: string;
}

/** What is wrong at `path` or below it; `above` are the arrays and objects that hold the value, outermost first. */
const faultIn = (value: unknown, path: string, above: readonly Ancestor[]): string | undefined => {
  const fault = typeof value === 'object' && value !== null ? faultOfObject(value) : faultOfPrimitive(value);
  if (fault !== undefined) return `${shortened(path)} ${fault}`;
  if (typeof value !== 'object' || value === null) return undefined;
  const circle = above.find((ancestor) => ancestor.value === value);
  if (circle !== undefined) {
    return `${shortened(path)} is ${shortened(circle.path)} again: JSON cannot hold a circle; write an id in its place`;
  }
  if (above.length === MAX_DEPTH) return `${shortened(path)} is more than ${String(MAX_DEPTH)} levels deep`;
  const inside = [...above, { value, path }];
  if (Array.isArray(value)) return faultInElements(value, path, inside);
  for (const [name, member] of Object.entries(value)) {
    const found = member === undefined ? undefined : faultIn(member, `${path}${step(name)}`, inside);
    if (found !== undefined) return found;
  }
  return undefined;
};

const faultInElements = (
  elements: readonly unknown[],
  path: string,
  inside: readonly Ancestor[],
): string | undefined => {
  for (const [at, element] of elements.entries()) {
    const place = `${path}[${String(at)}]`;
    if (element === undefined) {
      const what = at in elements ? 'undefined' : 'a hole in a sparse array';
      return `${shortened(place)} is ${what}: JSON would make it null; write null, or leave it out`;
    }
    const found = faultIn(element, place, inside);
    if (found !== undefined) return found;
  }
  return undefined;
};

const step = (name: string): string =>
  /^[\p{L}_$][\p{L}\d_$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;

const MAX_PATH_CHARS = 300;

const shortened = (path: string): string => {
  if (path.length <= MAX_PATH_CHARS) return path;
  const half = MAX_PATH_CHARS / 2;
  return `${path.slice(0, half)}…${path.slice(-half)}`.toWellFormed();
};

const faultOfPrimitive = (value: unknown): string | undefined => {
  switch (typeof value) {
    case 'undefined':
      return 'is undefined: JSON has no such value; write null';
    case 'bigint':
      return `is the BigInt ${String(value).slice(0, MAX_DIGITS_SHOWN)}: JSON has none; write it as text, with String(value)`;
    case 'number':
      return Number.isFinite(value) ? undefined : `is ${String(value)}: JSON has no such number`;
    case 'function':
      return 'is a function: JSON would leave it out';
    case 'symbol':
      return `is ${String(value)}: JSON would leave a symbol out`;
    default:
      return undefined;
  }
};

const MAX_DIGITS_SHOWN = 40;

/** What is wrong with an array or object itself, whatever it holds. */
const faultOfObject = (value: object): string | undefined => {
  if (isPromise(value)) {
    return 'is a promise: the step is async; steps are synchronous';
  }
  if (types.isDate(value)) {
    return 'is a Date: JSON would make it text; write value.toISOString(), or value.getTime() for a number';
  }
  if (types.isMap(value)) return 'is a Map: JSON would make it {}; write Object.fromEntries(value), or [...value]';
  if (types.isSet(value)) return 'is a Set: JSON would make it {}; write [...value]';
  if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) {
    return `is ${named(value)}: JSON has no bytes; write them as base64 text, numbers as [...value], or use the codec bytes()`;
  }
  const isPlain = Array.isArray(value) ? isPlainArray(value) : isPlainObject(value);
  if (!isPlain) {
    return `is ${named(value)}: JSON keeps no class; write a plain object, array, text or number of what it holds`;
  }
  if (hasToJson(value)) return 'has a method toJSON: JSON would hold something else; write what it returns';
  if (!Array.isArray(value) || !hasNamedMembers(value)) return undefined;
  const extra = Object.keys(value).find((name) => !/^\d+$/u.test(name)) ?? '';
  return `has the member ${JSON.stringify(extra)} beside its elements: JSON would leave it out; write [...value]`;
};

/** The class of an instance with its article, as far as it has a name. */
const named = (value: object): string => {
  const { constructor } = value;
  const name = typeof constructor === 'function' ? constructor.name : '';
  if (name === '') return 'an instance of a class';
  return `${/^[AEIOU]/u.test(name) ? 'an' : 'a'} ${name.slice(0, MAX_DIGITS_SHOWN)}`;
};
