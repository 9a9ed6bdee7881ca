import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bucketName,
  bucketOf,
  compareKeys,
  isRowKey,
  LOADED_MARK,
  rowKey,
  sortBounds,
} from '../../../shared/state/dynamodb/row-keys.ts';
import {
  activityShard,
  activityShardOf,
  addressAt,
  itemKey,
  partitionKeyOf,
  progressKey,
} from '../../../shared/state/dynamodb/state-keys.ts';

const name = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,8}(\/[a-zA-Z0-9_.-]{1,8}){0,2}$/u);
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
/** What the engine lets through. */
const anyKey = fc
  .oneof(anyText, fc.string({ unit: fc.constantFrom('a', 'b', '\u0001', '|', '#', 'ä', '\uffff', '😀'), minLength: 1 }))
  .filter(isRowKey);
const anyAddress = fc.record({ collection: name, partitionKey: anyText, key: anyKey });

describe('the key of an item of state', () => {
  test('tells its address, whatever partition key and state key are', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const { pk, sk } = itemKey(address);
        expect(addressAt(pk, sk)).toEqual(address);
      }),
    );
  });

  test('is its own: two addresses never share one, nor does progress', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, (one, other) => {
        const isSame =
          one.collection === other.collection && one.partitionKey === other.partitionKey && one.key === other.key;
        const [a, b] = [itemKey(one), itemKey(other)];
        expect(a.pk === b.pk && a.sk === b.sk).toBe(isSame);
        const progress = progressKey(other.collection, other.partitionKey);
        expect(progress.pk).not.toBe(a.pk);
        expect(addressAt(progress.pk, progress.sk)).toBeUndefined();
        expect(partitionKeyOf(progress.pk)).toBe(other.partitionKey);
      }),
    );
  });

  test('fits in what DynamoDB takes, for the longest names and keys allowed', () => {
    const collection = 'c'.repeat(128);
    const partitionKey = '😀'.repeat(256);
    const { pk, sk } = itemKey({ collection, partitionKey, key: 'k'.repeat(1000) });
    expect(Buffer.byteLength(pk)).toBeLessThanOrEqual(2048);
    expect(Buffer.byteLength(sk)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(progressKey(collection, partitionKey).pk)).toBeLessThanOrEqual(2048);
  });

  test('every partition key is listed in one of the parts of the index of activity', () => {
    const parts = new Set([0, 1, 2, 3, 4, 5, 6, 7].map((bucket) => activityShard('p', bucket)));
    const used = new Set<string>();
    fc.assert(
      fc.property(anyText, (partitionKey) => {
        const part = activityShardOf('p', partitionKey);
        used.add(part);
        return parts.has(part);
      }),
      { numRuns: 500 },
    );
    expect(used).toEqual(parts);
  });
});

describe('the key of a row', () => {
  test('keeps the order of the keys', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        const order = Math.sign(compareKeys(one, other));
        expect(Math.sign(compareKeys(rowKey(one).k, rowKey(other).k))).toBe(order);
      }),
    );
  });

  test('is its own, in the bucket of the key, and never that of the mark of a loaded table', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        expect(rowKey(one).b).toBe(bucketName(bucketOf(one)));
        expect(rowKey(one).k === rowKey(other).k).toBe(one === other);
        expect(compareKeys(LOADED_MARK.k, rowKey(one).k)).toBeLessThan(0);
      }),
    );
  });

  test('fits in what DynamoDB takes, for the longest key allowed', () => {
    expect(Buffer.byteLength(rowKey('k'.repeat(1000)).k)).toBeLessThanOrEqual(1024);
    expect(isRowKey('k'.repeat(1000))).toBe(true);
    expect(isRowKey('k'.repeat(1001))).toBe(false);
    expect(isRowKey('\ud800')).toBe(false);
  });
});

describe('the bounds of a range', () => {
  test('hold the rows of exactly the keys from, inclusive, to, exclusive, after the end of a page', () => {
    const bound = fc.option(anyKey, { nil: undefined });
    fc.assert(
      fc.property(anyKey, bound, bound, bound, (key, from, to, after) => {
        const bounds = sortBounds({ from, to, after });
        const isIn = (k: string): boolean =>
          bounds !== undefined &&
          (bounds.low === undefined || compareKeys(bounds.low, k) <= 0) &&
          (bounds.high === undefined || compareKeys(k, bounds.high) <= 0);
        const isAsked =
          (from === undefined || compareKeys(from, key) <= 0) &&
          (to === undefined || compareKeys(key, to) < 0) &&
          (after === undefined || compareKeys(after, key) < 0);
        expect(isIn(rowKey(key).k)).toBe(isAsked);
      }),
      { numRuns: 500 },
    );
  });

  test('are never the wrong way round, which DynamoDB refuses', () => {
    const bound = fc.option(anyKey, { nil: undefined });
    fc.assert(
      fc.property(bound, bound, bound, (from, to, after) => {
        const { low, high } = sortBounds({ from, to, after }) ?? {};
        return low === undefined || high === undefined || compareKeys(low, high) < 0;
      }),
    );
  });

  test('an empty text bounds nothing from below and everything from above', () => {
    expect(sortBounds({ from: '' })).toEqual({ low: undefined, high: undefined });
    expect(sortBounds({ to: '' })).toBeUndefined();
  });
});
