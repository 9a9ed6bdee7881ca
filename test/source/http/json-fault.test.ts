import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../../shared/codec/json.ts';
import { jsonFault } from '../../../shared/source/http/json-fault.ts';

test.each([
  ['', 0],
  ['  ', 2],
  ['[1,]', 3],
  ['{"a" 1}', 5],
  ['{"a":1,}', 7],
  ['[1}', 2],
  ['"a\n"', 0],
  ['01', 1],
  ['1 2', 2],
  ['{"a":[tru]}', 6],
  ['{"a":"b', 5],
])('%j stops being JSON at %i', (text, position) => {
  expect(jsonFault(text)).toMatchObject({ position });
});

test('the line and the column are those of an editor', () => {
  expect(jsonFault('{\n  "a": x\n}')).toEqual({ position: 9, line: 2, column: 8 });
});

test('a text has a fault if and only if JSON.parse refuses it', () => {
  const mutated = fc
    .tuple(fc.json(), fc.nat(40), fc.constantFrom('', ',', '"', '}', ']', ':', 'x', '0', ' ', '\\', '-', '.'))
    .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(fc.json(), mutated), (text) => {
      expect(jsonFault(text) === undefined).toBe(parseJson(text).kind === 'value');
    }),
    { numRuns: 1_000 },
  );
});
