import { expect, test } from '@jest/globals';
import { warmItem, type WarmItem } from '../../shared/engine/key-work.ts';
import { WarmCache } from '../../shared/engine/warm-cache.ts';

const items = (partitionKey: string, ...keys: readonly string[]): readonly WarmItem[] =>
  keys.map((key) => warmItem({ collection: 'c', partitionKey, key }, undefined, () => 0));

test('items are kept by lane and key', () => {
  const cache = new WarmCache(10);
  cache.keep('A', 1, items('A', 'x', 'y'));
  cache.keep('A', 2, items('A', 'z'));
  expect([cache.get('A', 'x')?.key, cache.get('A', 'z')?.key, cache.get('B', 'x')]).toEqual(['x', 'z', undefined]);
});

test('a lane whose progress somebody else has moved is forgotten as a whole', () => {
  const cache = new WarmCache(10);
  cache.keep('A', 1, items('A', 'x', 'y'));
  cache.expect('A', 1);
  expect(cache.get('A', 'x')).toBeDefined();
  cache.expect('A', 2);
  expect([cache.get('A', 'x'), cache.get('A', 'y')]).toEqual([undefined, undefined]);
});

test('the lanes used longest ago make room', () => {
  const cache = new WarmCache(4);
  cache.keep('A', 1, items('A', 'x', 'y'));
  cache.keep('B', 1, items('B', 'x', 'y'));
  cache.keep('A', 1, []);
  cache.keep('C', 1, items('C', 'x', 'y'));
  expect(['A', 'B', 'C'].map((lane) => cache.get(lane, 'x') !== undefined)).toEqual([true, false, true]);
});
