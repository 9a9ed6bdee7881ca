import { describe, expect, test } from '@jest/globals';
import assert from 'node:assert/strict';
import vm from 'node:vm';
import fc from 'fast-check';
import { jsonText, MAX_DEPTH } from '../../shared/codec/json-text.ts';

class Celsius {
  readonly degrees = 14;
}

class Money {
  toJSON(): string {
    return '1.00 EUR';
  }
}

class Readings extends Array<number> {}

const ofNoClass: unknown = Object.setPrototypeOf({}, Object.freeze({ __proto__: null }));

const nested = (levels: number): unknown => {
  let value: unknown = 0;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

const withHidden = (value: object): object =>
  Object.defineProperty(value, 'toJSON', { enumerable: false, value: () => 'else' });

/** What JSON would lose or choke on, with what is said about it. Functions, so that no test can spoil another's. */
const losses: readonly (readonly [what: string, make: () => unknown, says: RegExp])[] = [
  ['a BigInt', () => 12n, /is the BigInt 12: JSON has none; write it as text/],
  ['NaN', () => Number.NaN, /is NaN: JSON has no such number/],
  ['Infinity', () => -Infinity, /is -Infinity: JSON has no such number/],
  ['a function', () => () => 1, /is a function/],
  ['a class', () => Celsius, /is a function/],
  ['a symbol', () => Symbol('x'), /is Symbol\(x\)/],
  [
    'a Date',
    () => new Date(0),
    /is a Date: JSON would make it text; write value\.toISOString\(\), or value\.getTime\(\)/,
  ],
  ['a wrong Date', () => new Date(Number.NaN), /is a Date/],
  ['a Map', () => new Map([['a', 1]]), /is a Map: .* Object\.fromEntries/],
  ['a Set', () => new Set([1]), /is a Set: /],
  ['a WeakMap', () => new WeakMap(), /is a WeakMap: JSON keeps no class/],
  ['a promise', () => Promise.resolve(1), /is a promise: the step is async; steps are synchronous/],
  ['a thenable', () => ({ then: () => 1 }), /is a promise/],
  ['bytes', () => Uint8Array.of(1), /is an? Uint8Array: JSON has no bytes/],
  ['a Buffer', () => Buffer.from('a'), /is a Buffer: JSON has no bytes/],
  ['floats', () => new Float64Array(1), /is a Float64Array: JSON has no bytes/],
  ['a DataView', () => new DataView(new ArrayBuffer(1)), /is a DataView/],
  ['an ArrayBuffer', () => new ArrayBuffer(1), /is an ArrayBuffer/],
  ['a boxed number', (): object => new Number(1), /is a Number: JSON keeps no class/],
  ['a boxed text', (): object => new String('a'), /is a String: JSON keeps no class/],
  ['an error', () => new TypeError('x'), /is a TypeError: JSON keeps no class/],
  ['a regular expression', () => /a/u, /is a RegExp: JSON keeps no class/],
  ['an instance that looks plain', () => new Celsius(), /is a Celsius: JSON keeps no class/],
  ['an instance with toJSON', () => new Money(), /is a Money: JSON keeps no class/],
  ['an instance of no name', (): unknown => ofNoClass, /is an instance of a class/],
  ['inherited members', (): unknown => Object.create({ a: 1 }), /JSON keeps no class/],
  ['an array of a class', () => Readings.of(1), /is a Readings: JSON keeps no class/],
  ['a URL', () => new URL('https://example.com'), /is an? URL/],
  ['an iterator', () => [1].values(), /JSON keeps no class/],
  ['toJSON that no loop sees', () => withHidden({ a: 1 }), /has a method toJSON/],
  ['toJSON of an array', () => withHidden([1]), /has a method toJSON/],
  ['toJSON as a member', () => ({ toJSON: () => 1 }), /has a method toJSON/],
  ['a match of a regular expression', () => /a/u.exec('a'), /has the member "index" beside its elements/],
  ['a method', () => ({ a: () => 1 }), /\.a is a function/],
  ['an array used as a dictionary', () => Object.assign([], { 'US-AZ': 1 }), /has the member "US-AZ" beside/],
  ['undefined in an array', () => [1, undefined], /\[1\] is undefined: JSON would make it null/],
  ['a hole', () => [1, , 2], /\[1\] is a hole in a sparse array: JSON would make it null/],
  ['nothing but holes', (): unknown => new Array<number>(3), /\[0\] is a hole/],
];

describe('what JSON would lose is refused with its path', () => {
  test.each(losses)('%s', (_what, make, says) => {
    expect(() => jsonText(make())).toThrow(RangeError);
    expect(() => jsonText(make())).toThrow(says);
    expect(() => jsonText({ n: 1, readings: [0, 1, 2, { mean: make() }] })).toThrow(/^\$\.readings\[3\]\.mean/);
  });

  test('at any depth, beside anything', () => {
    fc.assert(
      fc.property(fc.constantFrom(...losses), fc.array(fc.jsonValue(), { maxLength: 6 }), ([, make, says], beside) => {
        const value = beside.reduce<unknown>(
          (inner, sibling, at) => (at % 2 === 0 ? [sibling, inner, sibling] : { a: sibling, inner }),
          make(),
        );
        expect(() => jsonText(value)).toThrow(says);
      }),
      { numRuns: 1000 },
    );
  });

  test('undefined alone is no document', () => {
    expect(() => jsonText(undefined)).toThrow('$ is undefined: JSON has no such value; write null');
  });

  test('a circle says where it closes', () => {
    const root = { children: [{ name: 'a', parent: {} }] };
    const [child] = root.children;
    if (child !== undefined) child.parent = root;
    expect(() => jsonText(root)).toThrow('$.children[0].parent is $ again: JSON cannot hold a circle');
    expect(() => jsonText({ root })).toThrow('$.root.children[0].parent is $.root again');
  });

  test('so is what is nested too deeply, and the path stays readable', () => {
    expect(jsonText(nested(MAX_DEPTH))).toHaveLength(MAX_DEPTH * 2 + (MAX_DEPTH / 2) * 4 + 1);
    expect(() => jsonText(nested(MAX_DEPTH + 1))).toThrow(/^\$.{200,400} is more than 1000 levels deep$/u);
    expect(() => jsonText(nested(100_000))).toThrow(RangeError);
  });

  test('a key that is no name is quoted in the path', () => {
    expect(() => jsonText({ 'US-AZ': { 'a"b': Number.NaN } })).toThrow('$["US-AZ"]["a\\"b"] is NaN');
  });
});

describe('what JSON holds comes back', () => {
  test('whatever is accepted is read again as it was', () => {
    const value = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      stringUnit: 'binary',
      maxDepth: 3,
      maxKeys: 3,
    });
    let accepted = 0;
    fc.assert(
      fc.property(value, (one) => {
        let text: string;
        try {
          text = jsonText(one);
        } catch (error) {
          assert.ok(error instanceof RangeError && error.message.startsWith('$'));
          return;
        }
        accepted += 1;
        expect(JSON.parse(text)).toEqual(withoutNegativeZero(one));
      }),
      { numRuns: 1500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test('it is what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(jsonText(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  test.each([
    ['a member that is undefined, as if it were absent', { a: 1, b: undefined }, '{"a":1}'],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['a key that is a prototype elsewhere', JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
    ['the same object twice, which is no circle', Array(2).fill({ a: 1 }), '[{"a":1},{"a":1}]'],
    ['objects and arrays of another realm', vm.runInNewContext('({ a: [{ b: 1 }] })'), '{"a":[{"b":1}]}'],
    [
      'a member by the name of a method',
      { toJSON: 1, then: 2, constructor: 3 },
      '{"toJSON":1,"then":2,"constructor":3}',
    ],
    ['half of a surrogate pair, escaped', '\ud800', '"\\ud800"'],
    ['-0, which is 0', [-0], '[0]'],
    ['what is frozen', Object.freeze({ a: Object.freeze([1]) }), '{"a":[1]}'],
  ])('%s', (_what, value, text) => {
    expect(jsonText(value)).toBe(text);
  });
});

const withoutNegativeZero = (value: unknown): unknown => {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, withoutNegativeZero(member)]),
  );
};
