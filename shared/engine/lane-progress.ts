import type { LaneProgress, StateStore } from '../state/state-store.ts';
import type { LaneWork } from './lane-work.ts';

/** How the progress of lanes is moved, all of them at once. */
interface ProgressMove {
  readonly store: StateStore;
  readonly collection: string;
  /** What is to be stored of a lane, from what is stored; undefined if that is good as it is. */
  next(lane: LaneWork, progress: LaneProgress): LaneProgress | undefined;
  /** Somebody else has stored progress of the lane meanwhile; it is read again and tried again. */
  overtaken?(lane: LaneWork): void;
  /** It could not be stored. */
  refused(lane: LaneWork): void;
}

/** Reads progress of the lanes, in one call. */
export const readProgress = async (
  store: StateStore,
  collection: string,
  lanes: readonly LaneWork[],
): Promise<void> => {
  const read = await store.progress(
    collection,
    lanes.map(({ partitionKey }) => partitionKey),
  );
  for (const [index, lane] of lanes.entries()) lane.progress = read[index];
};

/** Moves progress of the lanes, under the condition that nobody else has: in one call, and one more for those overtaken. */
export const moveProgress = async (move: ProgressMove, lanes: readonly LaneWork[]): Promise<void> => {
  const { store, collection } = move;
  for (let open = lanes; ;) {
    const moving: LaneWork[] = [];
    const moved: LaneProgress[] = [];
    for (const lane of open) {
      const next = lane.progress === undefined ? undefined : move.next(lane, lane.progress);
      if (next === undefined) continue;
      moving.push(lane);
      moved.push(next);
    }
    if (moved.length === 0) return;
    const outcomes = await store.advance(moved);
    const overtaken: LaneWork[] = [];
    for (const [index, progress] of moved.entries()) {
      const lane = moving[index];
      if (lane === undefined) continue;
      const outcome = outcomes[index];
      if (outcome === 'written') lane.progress = { ...progress, version: progress.version + 1 };
      else if (outcome === 'conflict') overtaken.push(lane);
      else move.refused(lane);
    }
    if (overtaken.length === 0) return;
    for (const lane of overtaken) move.overtaken?.(lane);
    await readProgress(store, collection, overtaken);
    open = overtaken;
  }
};
