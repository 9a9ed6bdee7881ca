import type { ConditionalWrite, StateAddress, StateStore, StoredItem } from '../state/state-store.ts';

/** One rule that every implementation of a port must keep, and a check of it on one that was just made. */
export interface ContractRule<Subject> {
  readonly rule: string;
  readonly check: (subject: Subject) => Promise<void>;
}

/** Names a check of a state store. */
export const rule = (text: string, check: (store: StateStore) => Promise<void>): ContractRule<StateStore> => ({
  rule: text,
  check,
});

/** An address; of the collection that the rules are about, unless it says another. */
export const at = (key: string, partitionKey = 'US-AZ', collection = 'weather/assemble'): StateAddress => ({
  collection,
  partitionKey,
  key,
});

/** The tables that stores under {@link rowStoreContract} know. */
export const CONTRACT_TABLES = ['weather-daily', 'weather-log'] as const;

/** The address of a row; of the table that the rules are about, unless it says another. */
export const rowAt = (
  key: string,
  partitionKey = 'US-AZ',
  collection: (typeof CONTRACT_TABLES)[number] = 'weather-daily',
): StateAddress => ({ collection, partitionKey, key, isRow: true });

/** A write to it. */
export const write = (
  address: StateAddress,
  expected: number,
  item: Partial<ConditionalWrite> = {},
): ConditionalWrite => ({
  ...address,
  expected,
  state: '{"n":1}',
  ledger: { lane: '011' },
  timerMs: undefined,
  writtenAtMs: 1_000,
  ...item,
});

/** An item without what its address says of its collection: a store may leave out `isRow` of what is no row. */
export const contentOf = (item: StoredItem | undefined): Omit<StoredItem, 'isRow'> | undefined => {
  if (item === undefined) return undefined;
  const { collection, partitionKey, key, version, state, ledger, timerMs } = item;
  return { collection, partitionKey, key, version, state, ledger, timerMs };
};

/** `key partition-key` of items, in the order in which they come. */
export const collect = async (items: AsyncIterable<StoredItem>): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key, partitionKey } of items) keys.push(`${key} ${partitionKey}`);
  return keys;
};
