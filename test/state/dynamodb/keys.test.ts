import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bucketOf } from '../../../shared/state/dynamodb/bucket.ts';
import {
  bucketName,
  compareKeys,
  isRowKey,
  referenceKey,
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

  test('fits in what DynamoDB takes, for the longest names and keys there may be', () => {
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
  test('stands in the order of the keys, whoever wrote the row', () => {
    fc.assert(
      fc.property(anyKey, anyKey, anyText, anyText, (one, other, lane, otherLane) => {
        fc.pre(one !== other);
        const order = Math.sign(compareKeys(one, other));
        expect(Math.sign(compareKeys(rowKey(one, lane).k, rowKey(other, otherLane).k))).toBe(order);
        expect(Math.sign(compareKeys(referenceKey(one).k, rowKey(other, otherLane).k))).toBe(order);
      }),
    );
  });

  test('begins with that of the row of reference data, and is in the same bucket; no other key begins so', () => {
    fc.assert(
      fc.property(anyKey, anyKey, anyText, (one, other, lane) => {
        const reference = referenceKey(one);
        expect(rowKey(one, lane).b).toBe(reference.b);
        expect(reference.b).toBe(bucketName(bucketOf(one)));
        expect(rowKey(other, lane).k.startsWith(reference.k)).toBe(one === other);
      }),
    );
  });

  test('is another one for another partition key', () => {
    expect(rowKey('a', 'US-AZ').k).not.toBe(rowKey('a', 'US-VT').k);
  });

  test('fits in what DynamoDB takes, for the longest key there may be', () => {
    expect(Buffer.byteLength(rowKey('k'.repeat(1000), 'x').k)).toBeLessThanOrEqual(1024);
    expect(isRowKey('k'.repeat(1000))).toBe(true);
    expect(isRowKey('k'.repeat(1001))).toBe(false);
    expect(isRowKey('\ud800')).toBe(false);
  });
});

describe('the bounds of a range', () => {
  test('hold the rows of exactly the keys from, inclusive, to, exclusive, behind where a page ended', () => {
    const bound = fc.option(anyKey, { nil: undefined });
    fc.assert(
      fc.property(anyKey, anyText, bound, bound, bound, (key, lane, from, to, after) => {
        const bounds = sortBounds({ from, to, after });
        const isIn = (k: string): boolean =>
          bounds !== undefined &&
          (bounds.low === undefined || compareKeys(bounds.low, k) <= 0) &&
          (bounds.high === undefined || compareKeys(k, bounds.high) <= 0);
        const isAsked =
          (from === undefined || compareKeys(from, key) <= 0) &&
          (to === undefined || compareKeys(key, to) < 0) &&
          (after === undefined || compareKeys(after, key) < 0);
        expect([isIn(rowKey(key, lane).k), isIn(referenceKey(key).k)]).toEqual([isAsked, isAsked]);
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
