import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bucketOf, MAX_PARTITION_KEY_CHARACTERS, shortPartitionKey } from '../../shared/stream/partition-key.ts';

const long = fc.string({ unit: 'grapheme', minLength: 200, maxLength: 600 });

describe('a partition key for text of any length', () => {
  test('is the text itself as far as Kinesis takes it', () => {
    const text = 'x'.repeat(MAX_PARTITION_KEY_CHARACTERS);
    expect(shortPartitionKey(text)).toBe(text);
    expect(shortPartitionKey(`${text}x`)).not.toBe(`${text}x`);
  });

  test('is never longer than Kinesis takes, and valid UTF-8', () => {
    fc.assert(
      fc.property(long, (text) => {
        const key = shortPartitionKey(text);
        expect(key.length).toBeLessThanOrEqual(MAX_PARTITION_KEY_CHARACTERS);
        expect(Buffer.from(key).toString()).toBe(key);
        expect(shortPartitionKey(text)).toBe(key);
      }),
    );
  });

  test('differs where only the last character of a long text does', () => {
    fc.assert(
      fc.property(long, (text) => {
        expect(shortPartitionKey(`${text}a`)).not.toBe(shortPartitionKey(`${text}b`));
      }),
    );
  });

  test('never ends in half a character before its digest', () => {
    const key = shortPartitionKey('x'.repeat(222) + '\u{1f600}'.repeat(100));
    expect(key.isWellFormed()).toBe(true);
  });

  test('is refused for empty text', () => {
    expect(() => shortPartitionKey('')).toThrow("a partition key must have at least one character, got ''");
  });
});

describe('one of few partition keys', () => {
  test('takes an even share of texts, and the same text always', () => {
    const shares = new Map<string, number>();
    for (let at = 0; at < 16_000; at += 1) {
      const bucket = bucketOf(`text ${String(at)}`, 16);
      shares.set(bucket, (shares.get(bucket) ?? 0) + 1);
    }
    expect([...shares.keys()].sort()).toEqual(Array.from({ length: 16 }, (_, at) => String(at).padStart(2, '0')));
    expect(Math.min(...shares.values())).toBeGreaterThan(850);
    expect(bucketOf('', 16)).toBe(bucketOf('', 16));
  });

  test.each([
    [1, '0'],
    [10, /^\d$/u],
    [11, /^\d\d$/u],
    [10_000, /^\d{4}$/u],
  ])('of %i has the same number of digits as any other', (count, expected) => {
    expect(bucketOf('any', count)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  test.each([0, -1, 1.5, Number.NaN, 10_001])('is refused of %d', (count) => {
    expect(() => bucketOf('any', count)).toThrow(`there can be 1 to 10000 buckets, got ${String(count)}`);
  });
});
