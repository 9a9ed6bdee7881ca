import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  childPosition,
  laneThrough,
  laneUnder,
  rootLane,
  sortableNumber,
  sortableTime,
  timerLane,
} from '../../shared/stream/origin.ts';

const digits = fc.bigInt({ min: 0n, max: 10n ** 60n }).map(String);

describe('positions', () => {
  test('sequence numbers are compared as numbers, so 9 comes before 10', () => {
    expect(sortableNumber('9') < sortableNumber('10')).toBe(true);
  });

  test('positions sort as their numbers do', () => {
    fc.assert(
      fc.property(digits, digits, (one, other) => {
        expect(sortableNumber(one) < sortableNumber(other)).toBe(BigInt(one) < BigInt(other));
      }),
    );
  });

  test('times sort, also those before 1970', () => {
    const time = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });
    fc.assert(
      fc.property(time, time, (one, other) => {
        expect(sortableTime(one) < sortableTime(other)).toBe(one < other);
      }),
    );
  });

  test('children sort by ordinal, behind their parent and before what follows the parent', () => {
    const ordinal = fc.nat(100_000);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 57n }), ordinal, ordinal, (number, one, other) => {
        const parent = sortableNumber(String(number));
        const next = sortableNumber(String(number + 1n));
        expect(childPosition(parent, one) < childPosition(parent, other)).toBe(one < other);
        expect(parent < childPosition(parent, one)).toBe(true);
        expect(childPosition(childPosition(parent, one), other) < next).toBe(true);
      }),
    );
  });

  test('two different ways through ordinals never give one position', () => {
    const path = fc.array(fc.nat(1_000), { maxLength: 4 });
    const at = (ordinals: readonly number[]): string => ordinals.reduce(childPosition, sortableNumber('7'));
    fc.assert(
      fc.property(path, path, (one, other) => {
        expect(at(one) === at(other)).toBe(one.join() === other.join());
      }),
    );
  });
});

describe('lanes', () => {
  test('a lane that stays under its partition key keeps its name', () => {
    const key = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(key, (one) => {
        const lane = rootLane('raw', one);
        expect(laneUnder(lane, one)).toBe(lane);
        expect(laneUnder(laneThrough(lane, 'a/b'), one)).toBe(laneThrough(lane, 'a/b'));
        expect(laneUnder(laneThrough(timerLane(one, 'x'), 'a/b'), one)).toBe(laneThrough(timerLane(one, 'x'), 'a/b'));
      }),
    );
  });

  test('a lane spread over several partition keys gets a name of its own under each', () => {
    const lane = laneThrough(rootLane('sales', 'london'), 'by-product');
    expect(laneUnder(lane, 'tea')).not.toBe(laneUnder(lane, 'milk'));
    expect(laneUnder(rootLane('raw', 'US-AZ'), 'US')).not.toBe(rootLane('raw', 'US-AZ'));
    const rekeyed = laneThrough(laneUnder(lane, 'tea'), 'totals');
    expect(laneUnder(rekeyed, 'tea')).toBe(rekeyed);
  });

  test('keys with the signs of the lane grammar in them cannot pose as another lane', () => {
    expect(rootLane('raw', 'a;b@c/d')).toBe('raw@a%3Bb%40c%2Fd');
    expect(rootLane('raw', '\ud800')).toBe('raw@%EF%BF%BD');
  });
});
