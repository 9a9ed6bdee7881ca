import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_PARTITION_KEY_CHARACTERS, shortPartitionKey } from '../../shared/stream/partition-key.ts';

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
