import type { ConditionalWrite, StateStore, WriteOutcome } from '../../../shared/state/state-store.ts';

/** Other writers at the items of a store. */
interface OtherWriters {
  /** Whether a condition fails although nothing has changed: the writer cannot be seen. */
  readonly isContended: () => boolean;
  /** Lets a writer at the same items finish first, if there is one: the condition fails because they have changed. */
  readonly beforeWrite: () => Promise<void>;
  /** Whether the store will never take this item. */
  readonly isRefused: (write: ConditionalWrite) => boolean;
}

/** The store, where others write too. */
export const contendedStore = (
  store: StateStore,
  { isContended, beforeWrite, isRefused }: OtherWriters,
): StateStore => ({
  ...store,
  write: async (writes) => {
    await beforeWrite();
    if (isContended()) return writes.map(() => 'conflict');
    const taken = writes.filter((write) => !isRefused(write));
    const outcomes = [...(await store.write(taken))];
    return writes.map((write): WriteOutcome => (isRefused(write) ? 'refused' : (outcomes.shift() ?? 'throttled')));
  },
  advance: (moved) => (isContended() ? Promise.resolve(moved.map(() => 'conflict' as const)) : store.advance(moved)),
});
