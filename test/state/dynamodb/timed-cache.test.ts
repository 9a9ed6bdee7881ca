import { expect, test } from '@jest/globals';
import { TimedCache } from '../../../shared/state/dynamodb/timed-cache.ts';

test('a value is kept for its time and not longer, also when it is undefined', () => {
  let nowMs = 0;
  const cache = new TimedCache<number | undefined>(10, () => nowMs);
  cache.keep('a', 1, 100);
  cache.keep('none', undefined, 50);
  nowMs = 49;
  expect([cache.get('a')?.value, cache.get('none'), cache.get('b')]).toMatchObject([
    1,
    { value: undefined },
    undefined,
  ]);
  nowMs = 50;
  expect([cache.get('a')?.value, cache.get('none')]).toEqual([1, undefined]);
  nowMs = 100;
  expect(cache.get('a')).toBeUndefined();
});

test('those kept longest make room; a value kept anew counts as new', () => {
  const cache = new TimedCache<number>(2, () => 0);
  cache.keep('a', 1, 100);
  cache.keep('b', 2, 100);
  cache.keep('a', 3, 100);
  cache.keep('c', 4, 100);
  expect(['a', 'b', 'c'].map((key) => cache.get(key)?.value)).toEqual([3, undefined, 4]);
});
