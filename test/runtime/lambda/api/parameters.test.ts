import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ApiError } from '../../../../shared/runtime/lambda/api/api-response.ts';
import { parseQueryString } from '../../../../shared/runtime/lambda/api/parameters.ts';

test('what a client encodes comes out as it was', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 50 });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 6 }), (pairs) => {
      const encoded = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
      expect([...parseQueryString(encoded)]).toEqual(pairs);
      expect([...parseQueryString(new URLSearchParams(pairs).toString())]).toEqual(pairs);
    }),
    { examples: [[[['', '']]]] },
  );
});

test('a parameter that is given twice is refused, also when one of them is encoded', () => {
  for (const twice of ['limit=1&limit=2', 'limit=1&lim%69t=1', 'a[]=1&a%5B%5D=2', '__proto__=1&__proto__=2']) {
    expect(() => parseQueryString(twice)).toThrow(/given twice/);
  }
});

test('bytes that are not percent-encoded UTF-8 are refused', () => {
  for (const bad of ['from=%', 'from=%zz', 'from=%ff', 'from=%c3%28', '%e0%80=1', 'from=%ed%a0%80']) {
    expect(() => parseQueryString(bad)).toThrow(ApiError);
  }
});

test('a query string longer than any request is refused before it is read', () => {
  expect(() => parseQueryString('&'.repeat(10_241))).toThrow(/10240 characters, got 10241/);
  expect(parseQueryString('&'.repeat(10_240)).size).toBe(0);
});
