import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  evenHashKeyRanges,
  hashKeyBefore,
  hashKeyFromDecimal,
  hashKeyOf,
  hashKeyToDecimal,
  middleHashKey,
} from '../../shared/stream/hash-key.ts';

const LAST = (1n << 128n) - 1n;
const place = fc.bigInt({ min: 0n, max: LAST });

test('a partition key lies where the MD5 of its UTF-8 text says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (key) => {
      expect(hashKeyOf(key)).toBe(createHash('md5').update(key, 'utf8').digest('hex'));
    }),
  );
});

describe('the ranges of a new stream', () => {
  test('are the ones Kinesis gives a stream of three shards', () => {
    const decimal = evenHashKeyRanges(3).map((range) => [
      hashKeyToDecimal(range.startingHashKey),
      hashKeyToDecimal(range.endingHashKey),
    ]);
    expect(decimal).toEqual([
      ['0', '113427455640312821154458202477256070484'],
      ['113427455640312821154458202477256070485', '226854911280625642308916404954512140969'],
      ['226854911280625642308916404954512140970', '340282366920938463463374607431768211455'],
    ]);
  });

  test('cover the whole space without a gap or an overlap, and differ in width by less than their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (count) => {
        const ranges = evenHashKeyRanges(count).map((range) => ({
          start: BigInt(hashKeyToDecimal(range.startingHashKey)),
          end: BigInt(hashKeyToDecimal(range.endingHashKey)),
        }));
        expect([ranges.length, ranges[0]?.start, ranges.at(-1)?.end]).toEqual([count, 0n, LAST]);
        const widths = ranges.map(({ start, end }) => end - start);
        expect(ranges.slice(1).every(({ start }, index) => start === (ranges[index]?.end ?? 0n) + 1n)).toBe(true);
        expect(widths.every((width) => width - (widths[0] ?? 0n) < BigInt(count) && width >= (widths[0] ?? 0n))).toBe(
          true,
        );
      }),
      { numRuns: 30 },
    );
  });

  test.each([0, -1, 1.5, Number.NaN, 10_001])('%p shards are refused', (count) => {
    expect(() => evenHashKeyRanges(count)).toThrow(`a stream has 1 to 10000 shards, got ${String(count)}`);
  });
});

test('as text hash keys are ordered as their numbers are', () => {
  fc.assert(
    fc.property(place, place, (a, b) => {
      expect(hashKeyFromDecimal(String(a)) < hashKeyFromDecimal(String(b))).toBe(a < b);
    }),
  );
});

test('decimal and back is the same place', () => {
  fc.assert(
    fc.property(place, (value) => {
      expect(hashKeyToDecimal(hashKeyFromDecimal(String(value)))).toBe(String(value));
    }),
  );
});

test.each(['', '-1', '01', '1.0', '0x1', 'abc', String(LAST + 1n), '9'.repeat(39), '9'.repeat(10_000)])(
  '%p is not a hash key',
  (text) => {
    expect(() => hashKeyFromDecimal(text)).toThrow(/a hash key is a whole number from 0 to 2\^128 - 1/);
  },
);

test('the middle leaves two halves that differ by one place at most', () => {
  fc.assert(
    fc.property(place, place, (a, b) => {
      fc.pre(a !== b);
      const [start, end] = a < b ? [a, b] : [b, a];
      const range = {
        startingHashKey: hashKeyFromDecimal(String(start)),
        endingHashKey: hashKeyFromDecimal(String(end)),
      };
      const middle = middleHashKey(range);
      const upper = end - BigInt(hashKeyToDecimal(middle));
      const lower = BigInt(hashKeyToDecimal(hashKeyBefore(middle))) - start;
      expect([-1n, 0n]).toContain(lower - upper);
    }),
  );
});
