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
  ...item,
});

/** `key partition-key` of items, in the order in which they come. */
export const collect = async (items: AsyncIterable<StoredItem>): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key, partitionKey } of items) keys.push(`${key} ${partitionKey}`);
  return keys;
};
