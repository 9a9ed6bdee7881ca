import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTooLarge, itemBytes } from '../../shared/state/item-bytes.ts';
import { MAX_ITEM_BYTES } from '../../shared/state/state-store.ts';

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
