import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareSequenceNumbers } from '../../shared/stream/sequence-number.ts';

test('sequence numbers are compared as numbers, so 9 comes before 10', () => {
  expect(compareSequenceNumbers('9', '10')).toBe(-1); // as text, '10' sorts before '9'
});

test('the order is the order of the numbers, whatever their length and leading zeros', () => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 57n });
  const zeros = fc.nat({ max: 3 }).map((count) => '0'.repeat(count));
  fc.assert(
    fc.property(number, zeros, number, zeros, (a, zerosOfA, b, zerosOfB) => {
      const expected = a < b ? -1 : Number(a > b);
      expect(compareSequenceNumbers(`${zerosOfA}${String(a)}`, `${zerosOfB}${String(b)}`)).toBe(expected);
    }),
  );
});
