import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { json } from '../../shared/codec/json.ts';
import { longIntegersIn } from '../../shared/codec/long-integers.ts';
import type { Codec } from '../../shared/codec/codec.ts';

const isAnything = (value: unknown): value is unknown => value !== undefined;
const refusing = json('value', isAnything);
const asText = json('value', isAnything, { bigints: 'text' });

const reasonIn = (codec: Codec<unknown>, text: string): string => {
  const decoded = codec.fromText(text);
  return decoded.kind === 'malformed' ? decoded.reason : `a value: ${JSON.stringify(decoded.value)}`;
};

describe('an integer that would lose digits', () => {
  test('is malformed, and the reason names it, its member and what to do', () => {
    expect(reasonIn(refusing, '{"order": {"id" : 3804086584686624769}}')).toBe(
      'the integer 3804086584686624769 of "id" would become 3804086584686625000: write it as text at the producer, or read it as text with json(..., { bigints: \'text\' })',
    );
    expect(reasonIn(refusing, '[1, -9007199254740993]')).toMatch(
      /^the integer -9007199254740993 would become -9007199/u,
    );
  });

  test.each([
    ['alone', '12345678901234567890', '12345678901234567890'],
    ['beside others', '[1,9007199254740993,-9007199254740993]', [1, '9007199254740993', '-9007199254740993']],
    [
      'after a text that looks like it',
      '["12345678901234567890",12345678901234567891]',
      ['12345678901234567890', '12345678901234567891'],
    ],
    [
      'after a quote in a text',
      '{"a\\"":"\\\\","b":"\\" ,12345678901234567890 ","c":12345678901234567890}',
      { 'a"': '\\', b: '" ,12345678901234567890 ', c: '12345678901234567890' },
    ],
    ['larger than any double', `[${'9'.repeat(400)}]`, ['9'.repeat(400)]],
  ])('is the text of its digits where that is asked for: %s', (_where, text, value) => {
    expect(asText.fromText(text)).toEqual({ kind: 'value', value });
    expect(asText.decode(Buffer.from(text))).toEqual({ kind: 'value', value });
    expect(refusing.fromText(text).kind).toBe('malformed');
    expect(refusing.decode(Buffer.from(text)).kind).toBe('malformed');
  });

  test('a text that is not JSON stays so', () => {
    for (const text of [
      '{12345678901234567890:1}',
      '{ 12345678901234567890 : 1}',
      '[012345678901234567890]',
      '12345678901234567890 1',
    ]) {
      expect(reasonIn(asText, text)).toMatch(/^not JSON: /u);
      expect(reasonIn(refusing, text)).toMatch(/^not JSON: /u);
    }
  });
});

test.each([
  '9007199254740991',
  '9007199254740994',
  '-9007199254740994',
  '100000000000000000000',
  '1000000000000000000000000',
  '9223372036854776000',
  '0.1234567890123456789',
  '3.0000000000000004',
  '1e20',
  '1E+0000000000000000021',
  '123456789012345678.5',
  '12345678901234567890e0',
  '"12345678901234567890"',
  '{"12345678901234567890":1}',
  '["a, 12345678901234567890 ,"]',
  '"\\"12345678901234567890"',
])('a number that keeps its digits, a float and a text are what JSON.parse says: %s', (text) => {
  const value: unknown = JSON.parse(text);
  expect(refusing.fromText(text)).toEqual({ kind: 'value', value });
  expect(asText.fromText(text)).toEqual({ kind: 'value', value });
});

describe('property', () => {
  const integer = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String);
  const literal = fc.oneof(
    integer,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
    fc.string().map((text) => JSON.stringify(text)),
    fc.stringMatching(/^[-0-9 ,:[\]{}"\\]{0,60}$/u).map((text) => JSON.stringify(text)),
  );
  const blank = fc.stringMatching(/^[ \n\r\t]{0,20}$/u);
  const document = fc.array(fc.tuple(literal, blank, blank), { minLength: 1, maxLength: 8 });
  const written = (items: readonly (readonly [string, string, string])[]): string =>
    `[${items.map(([item, before, after]) => `${before}${item}${after}`).join(',')}]`;

  test('no two integers are ever read as one value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }), fc.bigInt({ min: 1n, max: 4096n }), (id, more) => {
        for (const codec of [refusing, asText]) {
          const [one, other] = [codec.fromText(String(id)), codec.fromText(String(id + more))];
          if (one.kind === 'value' && other.kind === 'value') expect(one.value).not.toBe(other.value);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('as text, each integer keeps its digits wherever it is, and everything else is what JSON.parse says', () => {
    fc.assert(
      fc.property(document, (items) => {
        const decoded = asText.fromText(written(items));
        const expected = items.map(([item]) => {
          const value: unknown = JSON.parse(item);
          return longIntegersIn(item).length > 0 ? item : value;
        });
        expect(decoded).toEqual({ kind: 'value', value: expected });
        for (const [at, [item]] of items.entries()) {
          if (/^-?\d+$/u.test(item)) expect(BigInt(String(expected[at]))).toBe(BigInt(item));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('it is refused exactly where it would be text', () => {
    fc.assert(
      fc.property(document, (items) => {
        const loses = items.some(([item]) => /^-?\d{16,}$/u.test(item) && !isKept(item));
        expect(refusing.fromText(written(items)).kind).toBe(loses ? 'malformed' : 'value');
      }),
      { numRuns: 2000 },
    );
  });

  test('what is written is never refused, whatever its numbers', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.double({ noNaN: true, min: 2 ** 50, max: 2 ** 80 }).map(Math.round),
        ),
        (number) => {
          const value = number === 0 ? 0 : number;
          expect(refusing.fromText(refusing.toData([value]))).toEqual({ kind: 'value', value: [value] });
        },
      ),
      { numRuns: 2000 },
    );
  });

  /** Whether the shortest form of the double, written out without an exponent, has the same digits. */
  const isKept = (digits: string): boolean => {
    const [mantissa = '', exponent = '0'] = String(Number(digits)).split('e+');
    const [whole = '', fraction = ''] = mantissa.split('.');
    return whole + fraction.padEnd(Number(exponent), '0') === digits;
  };
});

describe('a byte order mark', () => {
  test('at the beginning of a document is no part of it', () => {
    expect(refusing.decode(Buffer.from('\ufeff{"a":1}'))).toEqual({ kind: 'value', value: { a: 1 } });
    expect(refusing.decode('\ufeff[]')).toEqual({ kind: 'value', value: [] });
  });

  test('anywhere else is what it is in JSON: an error, or a character of a text', () => {
    expect(refusing.decode('\ufeff\ufeff[]').kind).toBe('malformed');
    expect(refusing.fromText('\ufeff[]').kind).toBe('malformed');
    expect(refusing.decode('["\ufeff"]')).toEqual({ kind: 'value', value: ['\ufeff'] });
  });
});

test('a guard that throws on what it gets refuses it', () => {
  const isCity = (value: unknown): value is string => {
    if (typeof value === 'string') return true;
    throw new TypeError('expected a text');
  };
  expect(json('city', isCity).fromText('"Zürich"').kind).toBe('value');
  expect(reasonIn(json('city', isCity), '{}')).toBe('not a city: its guard threw TypeError: expected a text');
});

test('what the guard refuses is not written, and the error shows it', () => {
  const means = json('mean', (value): value is { readonly mean: number } => !JSON.stringify(value).includes('null'));
  const codec: Codec<unknown> = means;
  expect(() => codec.toData({ mean: null })).toThrow('not a mean, as the guard of its codec says: {"mean":null}');
  expect(() => means.toData({ mean: Number.NaN })).toThrow('$.mean is NaN: JSON has no such number');
});
