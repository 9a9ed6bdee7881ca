import type { StateStore } from '../../../shared/state/state-store.ts';

/** The store, with writers at the same items that nobody sees: a condition fails although nothing has changed. */
export const contendedStore = (store: StateStore, isContended: () => boolean): StateStore => ({
  ...store,
  write: (writes) => (isContended() ? Promise.resolve(writes.map(() => 'conflict' as const)) : store.write(writes)),
  advance: (lanes) => (isContended() ? Promise.resolve(lanes.map(() => 'conflict' as const)) : store.advance(lanes)),
});
