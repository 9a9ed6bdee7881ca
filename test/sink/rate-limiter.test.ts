import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rateLimiter } from '../../shared/sink/rate-limiter.ts';

/** When messages leave that want to leave as soon as they may. */
const departures = (
  perSecond: number,
  wishes: readonly { readonly waitMs: number; readonly most: number }[],
): number[] => {
  const limit = rateLimiter(perSecond);
  const left: number[] = [];
  let now = 0;
  for (const { waitMs, most } of wishes) {
    now += waitMs;
    now += limit.waitMs(now);
    const count = Math.min(most, limit.free(now));
    expect(count).toBeGreaterThan(0);
    limit.spend(count, now);
    left.push(...Array.from({ length: count }, () => now));
  }
  return left;
};

const wishes = fc.array(fc.record({ waitMs: fc.nat(700), most: fc.integer({ min: 1, max: 10 }) }), { maxLength: 60 });

test('in no second more messages leave than may, whenever they come', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), wishes, (perSecond, some) => {
      const left = departures(perSecond, some);
      const inOneSecond = left.map((from) => left.filter((at) => at >= from && at < from + 1000).length);
      expect(Math.max(0, ...inOneSecond)).toBeLessThanOrEqual(perSecond);
    }),
  );
});

test('a rate below one a second is one message in several seconds', () => {
  const wish = { waitMs: 0, most: 10 };
  expect(departures(0.2, [wish, wish, wish])).toEqual([0, 5000, 10_000]);
});

test.each([0, -1, NaN])('a rate of %d is refused', (perSecond) => {
  expect(() => rateLimiter(perSecond)).toThrow(/messagesPerSecond must be above 0/);
});
