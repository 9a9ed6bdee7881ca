import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { itemBytes, MOST_ITEM_BYTES } from '../../../shared/state/dynamodb/item-size.ts';
import { versioned } from '../../../shared/state/dynamodb/item-format.ts';
import { rowItems } from '../../../shared/state/dynamodb/row-item.ts';
import { stateItems } from '../../../shared/state/dynamodb/state-item.ts';
import type { ConditionalWrite } from '../../../shared/state/state-store.ts';

const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
const anyWrite = fc.record({
  partitionKey: anyText,
  key: anyText,
  expected: fc.nat(),
  state: fc.option(anyText, { nil: undefined }),
  ledger: fc.dictionary(anyText, anyText),
});

const texts = ({ partitionKey, key, state = '', ledger }: Omit<ConditionalWrite, 'collection' | 'timerMs'>): number =>
  Buffer.byteLength([partitionKey, key, state, ...Object.entries(ledger).flat()].join(''));

test('an item counts every byte of its state, its ledger and its keys, and little beside', () => {
  fc.assert(
    fc.property(anyWrite, (parts) => {
      const write = { ...parts, collection: 'p', timerMs: undefined };
      const bytes = itemBytes(versioned(stateItems, write, 0, 0));
      expect(bytes).toBeGreaterThanOrEqual(texts(write));
      expect(bytes).toBeLessThan(texts(write) + 100 + Object.keys(write.ledger).length);
    }),
  );
});

test('a row counts its key twice: it is sorted by one and shown by the other', () => {
  const write = { collection: 'daily', partitionKey: 'A', key: 'key', expected: 0, state: '1', ledger: {} } as const;
  const item = versioned(rowItems('daily'), { ...write, timerMs: undefined }, 0, 0);
  // b 1 + 2, k 1 + 3 + 1 + 16, key 3 + 3, lane 4 + 1, value 5 + 1, v 1 + 21, l 1 + 3
  expect(itemBytes(item)).toBe(67);
});

test('DynamoDB has room for the keys once more, in the index of timers', () => {
  const LONGEST_KEYS = 2048 + 1024;
  expect(MOST_ITEM_BYTES + LONGEST_KEYS + 100).toBeLessThan(400 * 1024);
});
