import { describe, expect, test } from '@jest/globals';
import type { Item } from '../../shared/engine/item.ts';
import { WarmCache } from '../../shared/engine/warm-cache.ts';

const MINUTE_MS = 60_000;

const items = (partitionKey: string, ...keys: readonly string[]): readonly Item[] =>
  keys.map((key) => ({
    collection: 'c',
    partitionKey,
    key,
    version: 1,
    text: '0',
    isMigrated: false,
    state: 0,
    ledger: {},
    timerMs: undefined,
    fault: undefined,
    isOwnedByOther: false,
  }));

describe('items that are kept warm', () => {
  test('are found by partition key and key', () => {
    const cache = new WarmCache(10, MINUTE_MS);
    cache.keep('A', 1, 0, items('A', 'x', 'y'));
    cache.keep('A', 2, 0, items('A', 'z'));
    expect([cache.get('A', 'x')?.key, cache.get('A', 'z')?.key, cache.get('B', 'x')]).toEqual(['x', 'z', undefined]);
  });

  test('are forgotten with their whole partition once another writer has moved its progress', () => {
    const cache = new WarmCache(10, MINUTE_MS);
    cache.keep('A', 1, 0, items('A', 'x', 'y'));
    cache.expect('A', 1, 0);
    expect(cache.get('A', 'x')).toBeDefined();
    cache.expect('A', 2, 0);
    expect([cache.get('A', 'x'), cache.get('A', 'y')]).toEqual([undefined, undefined]);
  });

  test('are forgotten when they are older than the cache keeps them', () => {
    const cache = new WarmCache(10, MINUTE_MS);
    cache.keep('A', 1, 0, items('A', 'x'));
    cache.expect('A', 1, MINUTE_MS);
    expect(cache.get('A', 'x')).toBeDefined();
    cache.expect('A', 1, MINUTE_MS + 1);
    expect(cache.get('A', 'x')).toBeUndefined();
  });

  test('make room for others, those used longest ago first', () => {
    const cache = new WarmCache(4, MINUTE_MS);
    cache.keep('A', 1, 0, items('A', 'x', 'y'));
    cache.keep('B', 1, 0, items('B', 'x', 'y'));
    cache.keep('A', 1, 0, []);
    cache.keep('C', 1, 0, items('C', 'x', 'y'));
    expect(['A', 'B', 'C'].map((partition) => cache.get(partition, 'x') !== undefined)).toEqual([true, false, true]);
  });
});
