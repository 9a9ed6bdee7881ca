import type { ConditionalWrite, StateAddress, StoredItem } from '../state-store.ts';
import { mapOf, numberIn, textsIn, type Item } from './attributes.ts';
import { forgetAt } from './forget-at.ts';

/** How items of state are laid out in a table. */
export interface ItemFormat {
  /** Attribute that every item of the table has. */
  readonly present: string;
  readonly key: (address: StateAddress) => Item;
  /** The item as it is after the write, apart from what {@link versioned} adds. */
  readonly item: (write: ConditionalWrite) => Item;
  /** What an item says; undefined for one that is not state. */
  readonly stored: (item: Item) => StoredItem | undefined;
}

/** The whole item of a write: laid out, with version, ledger, and the time at which it may be forgotten. */
export const versioned = (format: ItemFormat, write: ConditionalWrite, nowMs: number, forgetAfterMs: number): Item => {
  const forgetAtSeconds = forgetAt(write, nowMs, forgetAfterMs);
  return {
    ...format.key(write),
    ...format.item(write),
    v: { N: String(write.expected + 1) },
    l: mapOf(write.ledger),
    ...(forgetAtSeconds !== undefined && { x: { N: String(forgetAtSeconds) } }),
  };
};

/** Version and ledger of an item. */
export const versionOf = (item: Item): Pick<StoredItem, 'version' | 'ledger'> => ({
  version: numberIn(item, 'v') ?? 0,
  ledger: textsIn(item, 'l'),
});
