import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { itemBytes, storedBytes } from '../../../shared/state/dynamodb/item-size.ts';
import { rowItems, stateItems, versioned } from '../../../shared/state/dynamodb/items.ts';
import type { ConditionalWrite } from '../../../shared/state/state-store.ts';

const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
const anyWrite = fc.record({
  partitionKey: anyText,
  key: anyText,
  expected: fc.nat(),
  state: fc.option(anyText, { nil: undefined }),
  ledger: fc.dictionary(anyText, anyText),
});

type Texts = Pick<ConditionalWrite, 'partitionKey' | 'key' | 'state' | 'ledger'>;

const texts = ({ partitionKey, key, state = '', ledger }: Texts): number =>
  Buffer.byteLength([partitionKey, key, state, ...Object.entries(ledger).flat()].join(''));

test('an item counts every byte of its state, its ledger and its keys, and little beside', () => {
  fc.assert(
    fc.property(anyWrite, (parts) => {
      const write = { ...parts, collection: 'p', timerMs: undefined, writtenAtMs: 0 };
      const bytes = itemBytes(versioned(stateItems, write, 0));
      expect(bytes).toBeGreaterThanOrEqual(texts(write));
      expect(bytes).toBeLessThan(texts(write) + 100 + Object.keys(write.ledger).length);
    }),
  );
});

const WRITE = {
  collection: 'daily',
  partitionKey: 'A',
  key: 'key',
  expected: 0,
  state: '1',
  ledger: {},
  writtenAtMs: 0,
};

test('a row counts its key twice: it is sorted by one and shown by the other', () => {
  const item = versioned(rowItems('daily'), { ...WRITE, timerMs: undefined }, 0);
  // b 1 + 2, k 1 + 3 + 1, key 3 + 3, owner 5 + 1, value 5 + 1, v 1 + 21, l 1 + 3
  expect(itemBytes(item)).toBe(52);
});

test('an item with a timer counts its keys once more, for the index of timers; others do not', () => {
  const without = versioned(stateItems, { ...WRITE, timerMs: undefined }, 0);
  const withTimer = versioned(stateItems, { ...WRITE, timerMs: 5 }, 0);
  expect(storedBytes(without)).toBe(itemBytes(without));
  // pk 2 + 7, sk 2 + 3, t 1 + 21
  expect(storedBytes(withTimer) - itemBytes(withTimer)).toBe(36);
});
