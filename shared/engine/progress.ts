import type { PartitionProgress, StateStore, WriteOutcome } from '../state/state-store.ts';

/** What became of a partition's progress. */
export interface MovedProgress {
  readonly progress: PartitionProgress;
  readonly outcome: 'unchanged' | Exclude<WriteOutcome, 'conflict'>;
  /** Whether another writer stored progress of the partition since it was read. */
  readonly contested: boolean;
}

/** Another writer of the same progress is another batch or a sweep: more in a row mean that something is wrong. */
const MAX_ATTEMPTS = 10;

/**
 * Moves progress of distinct partitions, each under the condition that no other writer has: one call for all, and one more for
 * those another writer won. `next` answers what is to be stored, or undefined if what is stored is good as it is.
 */
export const moveProgress = async (
  store: StateStore,
  read: readonly PartitionProgress[],
  next: (progress: PartitionProgress) => PartitionProgress | undefined,
): Promise<ReadonlyMap<string, MovedProgress>> => {
  const moved = new Map<string, MovedProgress>();
  let open = read;
  for (let attempt = 1; open.length > 0; attempt += 1) {
    const moving: PartitionProgress[] = [];
    for (const progress of open) {
      const to = next(progress);
      if (to === undefined)
        moved.set(progress.partitionKey, { progress, outcome: 'unchanged', contested: attempt > 1 });
      else moving.push(to);
    }
    if (moving.length === 0) break;
    const outcomes = await store.advance(moving);
    const conflicting: string[] = [];
    for (const [index, to] of moving.entries()) {
      const outcome = outcomes[index] ?? 'throttled';
      if (outcome === 'conflict' && attempt < MAX_ATTEMPTS) conflicting.push(to.partitionKey);
      else {
        const isWritten = outcome === 'written';
        const progress = isWritten ? { ...to, version: to.version + 1 } : to;
        moved.set(to.partitionKey, {
          progress,
          outcome: outcome === 'conflict' ? 'throttled' : outcome,
          contested: attempt > 1,
        });
      }
    }
    const [first] = moving;
    open = conflicting.length === 0 || first === undefined ? [] : await store.progress(first.collection, conflicting);
  }
  return moved;
};
