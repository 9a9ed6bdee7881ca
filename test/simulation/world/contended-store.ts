import type { StateStore } from '../../../shared/state/state-store.ts';

/** Other writers at the items of a store. */
interface OtherWriters {
  /** Whether a condition fails although nothing has changed: the writer cannot be seen. */
  readonly isContended: () => boolean;
  /** Lets a writer at the same items finish first, if there is one: the condition fails because they have changed. */
  readonly beforeWrite: () => Promise<void>;
}

/** The store, where others write too. */
export const contendedStore = (store: StateStore, { isContended, beforeWrite }: OtherWriters): StateStore => ({
  ...store,
  write: async (writes) => {
    await beforeWrite();
    return isContended() ? writes.map(() => 'conflict' as const) : store.write(writes);
  },
  advance: (moved) => (isContended() ? Promise.resolve(moved.map(() => 'conflict' as const)) : store.advance(moved)),
});
