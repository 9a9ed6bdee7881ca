import type { StateStore } from '../../../shared/state/state-store.ts';

/** The store, with writers at the same items that no test sees: a condition fails although nothing has changed. */
export const contendedStore = (store: StateStore, isContended: () => boolean): StateStore => ({
  ...store,
  write: (writes) => (isContended() ? Promise.resolve(writes.map(() => 'conflict' as const)) : store.write(writes)),
  advance: (moved) => (isContended() ? Promise.resolve(moved.map(() => 'conflict' as const)) : store.advance(moved)),
});
