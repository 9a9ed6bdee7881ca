import type { ConditionalWrite } from '../state/state-store.ts';

const MOST_KEY_CHARACTERS = 512;
/** What a store can take beside what it adds of its own to tell keys apart. */
const MOST_KEY_BYTES = 1000;
/** No UTF-16 unit takes more bytes in UTF-8. */
const MOST_BYTES_PER_CHARACTER = 3;

/** The least that a store takes of one item, names and keys included: 400 KB. */
const MOST_ITEM_BYTES = 409_600;

/** Throws a `RangeError` for a state key that not every store can keep apart from all others. */
export const checkStateKey = (key: string): void => {
  if (key.length === 0 || key.length > MOST_KEY_CHARACTERS) {
    throw new RangeError(
      `a state key must have 1 to ${String(MOST_KEY_CHARACTERS)} characters, got ${String(key.length)}`,
    );
  }
  if (key.length * MOST_BYTES_PER_CHARACTER > MOST_KEY_BYTES && Buffer.byteLength(key) > MOST_KEY_BYTES) {
    throw new RangeError(
      `a state key may have ${String(MOST_KEY_BYTES)} bytes of UTF-8, got ${String(Buffer.byteLength(key))}: shorten it, for example to a digest`,
    );
  }
  if (!key.isWellFormed() || key.includes('\0')) {
    throw new RangeError(
      `a state key must be text without U+0000 and without halves of surrogate pairs, got ${JSON.stringify(key)}`,
    );
  }
};

/** Why an item cannot be written that its store takes for too large, and what to do. */
export const tooLarge = (write: ConditionalWrite | undefined): string => {
  const { key = '', state = '', ledger = {} } = write ?? {};
  const ledgerBytes = Object.entries(ledger).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  return (
    `state key '${key}' has grown to ${String(Buffer.byteLength(state))} bytes of state and ${String(ledgerBytes)} of ledger; ` +
    `an item may have ${String(MOST_ITEM_BYTES)} bytes with everything: keep less in the state of one key, or refine the key`
  );
};
