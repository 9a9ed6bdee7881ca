import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTooLarge, itemBytes, nearItemBytes } from '../../shared/state/item-bytes.ts';
import { storedBytes } from '../../shared/state/dynamodb/item-size.ts';
import { rowItems, stateItems, versioned } from '../../shared/state/dynamodb/items.ts';
import { MAX_ITEM_BYTES, type ConditionalWrite } from '../../shared/state/state-store.ts';

const item = fc.record({
  collection: fc.string({ unit: 'binary', maxLength: 20 }),
  partitionKey: fc.string({ unit: 'binary', maxLength: 20 }),
  key: fc.string({ unit: 'binary', maxLength: 20 }),
  state: fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: undefined }),
  ledger: fc.dictionary(fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ maxLength: 10 })),
  timerMs: fc.constant(undefined),
});

test('every byte of a text counts once, in UTF-8', () => {
  fc.assert(
    fc.property(item, fc.string({ unit: 'binary', maxLength: 9 }), (one, more) => {
      const state = one.state ?? '';
      // Half a character at a seam is another character once its other half follows.
      fc.pre(state.isWellFormed() && more.isWellFormed());
      expect(itemBytes({ ...one, state: state + more })).toBe(itemBytes(one) + Buffer.byteLength(more));
    }),
  );
});

test('too large is what has more bytes than fit, also where the cheap bound cannot tell', () => {
  fc.assert(
    fc.property(item, fc.integer({ min: -3, max: 3 }), fc.constantFrom('x', 'é', '€'), (one, offset, filler) => {
      const empty = itemBytes({ ...one, state: '' });
      const fillers = Math.floor((MAX_ITEM_BYTES - empty) / Buffer.byteLength(filler)) + offset;
      const full = { ...one, state: filler.repeat(fillers) };
      expect(isTooLarge(full)).toBe(itemBytes(full) > MAX_ITEM_BYTES);
    }),
    { numRuns: 100 },
  );
});

test('what DynamoDB counts is never more, also with a timer, whose index has the keys once more, and of a row', () => {
  fc.assert(
    fc.property(item, fc.option(fc.nat(), { nil: undefined }), (one, timerMs) => {
      const write = { ...one, expected: 0, writtenAtMs: 0 };
      const counted = (timed: ConditionalWrite): number => storedBytes(versioned(stateItems, timed, 0));
      expect(counted({ ...write, timerMs })).toBeLessThanOrEqual(itemBytes({ ...write, timerMs }));
      const row = { ...write, isRow: true, timerMs: undefined };
      expect(storedBytes(versioned(rowItems(row.collection), row, 0))).toBeLessThanOrEqual(itemBytes(row));
    }),
  );
});

test('a size that is not near the largest is no more than it is, and one that is near is exact', () => {
  fc.assert(
    fc.property(item, fc.constantFrom(0, 1_000, 150_000, 400_000), (one, length) => {
      const grown = { ...one, state: 'é'.repeat(length / 2) };
      const exact = itemBytes(grown);
      const inLedger = exact - itemBytes({ ...grown, ledger: {} });
      expect(nearItemBytes(grown, inLedger)).toBeLessThanOrEqual(exact);
      if (exact > MAX_ITEM_BYTES / 2) expect(nearItemBytes(grown, inLedger)).toBe(exact);
    }),
  );
});
