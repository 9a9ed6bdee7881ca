import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  childPosition,
  isRedriveForOther,
  isRekeyed,
  laneThrough,
  laneUnder,
  producerLane,
  redriveLane,
  rootLane,
  rootShard,
  siblingPosition,
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
    const time = fc.integer({ min: -8_639_999_999_999_999, max: 8_640_000_000_000_000 });
    fc.assert(
      fc.property(time, time, (one, other) => {
        expect(sortableTime(one) < sortableTime(other)).toBe(one < other);
        expect(sortableTime(one - 1) < sortableTime(one)).toBe(true);
      }),
    );
  });

  test('children sort by ordinal, after their parent and before what follows the parent', () => {
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
        const lane = rootLane('raw', '3', one);
        expect(laneUnder(lane, one)).toBe(lane);
        expect(laneUnder(laneThrough(lane, 'a/b'), one)).toBe(laneThrough(lane, 'a/b'));
        expect(laneUnder(laneThrough(timerLane(one, 'x'), 'a/b'), one)).toBe(laneThrough(timerLane(one, 'x'), 'a/b'));
      }),
    );
  });

  test('a lane spread over several partition keys gets a name of its own under each', () => {
    const lane = laneThrough(rootLane('sales', '0', 'london'), 'by-product');
    expect(laneUnder(lane, 'tea')).not.toBe(laneUnder(lane, 'milk'));
    expect(laneUnder(rootLane('raw', '3', 'US-AZ'), 'US')).not.toBe(rootLane('raw', '3', 'US-AZ'));
    const rekeyed = laneThrough(laneUnder(lane, 'tea'), 'totals');
    expect(laneUnder(rekeyed, 'tea')).toBe(rekeyed);
  });

  test('keys with the signs of the lane grammar in them cannot pose as another lane', () => {
    expect(rootLane('raw', '3', 'a;b@c/d')).toBe('raw/3@a%3Bb%40c%2Fd');
    expect(rootLane('raw', '3', '\ud800')).toBe('raw/3@%EF%BF%BD');
  });

  test('a root lane names the stream, the shard and the partition key, and each makes another lane', () => {
    expect(rootLane('raw', '3~1f3a9c0b', 'US-AZ')).toBe('raw/3~1f3a9c0b@US-AZ');
    expect(rootLane('raw', undefined, 'US-AZ')).toBe('raw@US-AZ');
  });

  test('the shard of a root lane is what comes before its key; other lanes have none', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(undefined, '0', '3~1f3a9c0b'), (key, shard) => {
        const lane = rootLane('raw', shard, key);
        expect(rootShard(lane)).toBe(shard === undefined ? 'raw' : `raw/${shard}`);
        expect(rootShard(laneThrough(lane, 'a/b'))).toBeUndefined();
        expect(rootShard(laneUnder(lane, `${key}x`))).toBeUndefined();
        expect(rootShard(timerLane(key, 'x'))).toBeUndefined();
        expect(rootShard(redriveLane(key, '1', 'a/b'))).toBeUndefined();
      }),
    );
  });

  test('a lane is re-keyed once its records have changed their partition key, and stays so', () => {
    const lane = laneThrough(rootLane('raw', '3', 'london'), 'a/b');
    expect(isRekeyed(lane)).toBe(false);
    expect(isRekeyed(laneUnder(lane, 'london'))).toBe(false);
    const changed = laneUnder(lane, 'tea');
    expect([isRekeyed(changed), isRekeyed(laneThrough(changed, 'c'))]).toEqual([true, true]);
  });

  test('a redrive lane is for the processor that it names, and for all readers after it', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        const lane = redriveLane(key, '3f9a01', 'weather/alert');
        expect(isRedriveForOther(lane, 'weather/alert')).toBe(false);
        expect(isRedriveForOther(lane, 'alert')).toBe(true);
        expect(isRedriveForOther(lane, 'weather/other')).toBe(true);
        expect(isRedriveForOther(laneThrough(lane, 'weather/alert'), 'weather/notify')).toBe(false);
        expect(isRedriveForOther(rootLane('redrive', '0', key), 'weather/notify')).toBe(false);
      }),
    );
  });

  test('producers of any name have lanes of their own', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (one, oneKey, other, otherKey) => {
        const isSame = one.toWellFormed() === other.toWellFormed() && oneKey.toWellFormed() === otherKey.toWellFormed();
        expect(producerLane(one, oneKey) === producerLane(other, otherKey)).toBe(isSame);
      }),
    );
  });
});

test('siblings come after their parent and before what follows it', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 57n }), fc.stringMatching(/^[0-9a-f]{12}$/), (number, id) => {
      const parent = sortableNumber(String(number));
      const sibling = siblingPosition(parent, id);
      expect(parent < sibling && sibling < sortableNumber(String(number + 1n))).toBe(true);
      expect(childPosition(parent, 99_999) < sibling).toBe(true);
    }),
  );
});
