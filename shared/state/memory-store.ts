import type {
  ConditionalWrite,
  LaneProgress,
  StateAddress,
  StateStore,
  StoredItem,
  WriteOutcome,
} from './state-store.ts';

/** Keyed state in the memory of this process; it ends with it. Items are immutable, so none aliases live state. */
export const memoryStore = (): StateStore => {
  const collections = new Map<string, Map<string, Lane>>();

  const laneOf = (collection: string, partitionKey: string): Lane => {
    const lanes = getOrMake(collections, collection, () => new Map<string, Lane>());
    return getOrMake(lanes, partitionKey, () => newLane(collection, partitionKey));
  };
  const writeOne = (write: ConditionalWrite): WriteOutcome => {
    const { expected, ...item } = write;
    const lane = laneOf(item.collection, item.partitionKey);
    if ((lane.items.get(item.key)?.version ?? 0) !== expected) return 'conflict';
    const stored = { ...item, version: expected + 1 };
    lane.items.set(item.key, stored);
    if (stored.timerMs === undefined) lane.withTimer.delete(item.key);
    else lane.withTimer.set(item.key, stored);
    return 'written';
  };
  const advanceOne = (progress: LaneProgress): WriteOutcome => {
    const lane = laneOf(progress.collection, progress.partitionKey);
    if (lane.progress.version !== progress.version) return 'conflict';
    lane.progress = { ...progress, version: progress.version + 1 };
    return 'written';
  };

  return {
    load: (addresses) =>
      Promise.resolve(addresses.map((at: StateAddress) => laneOf(at.collection, at.partitionKey).items.get(at.key))),
    due: (collection, lanes) =>
      Promise.resolve(
        lanes.flatMap(({ partitionKey, dueMs }) =>
          [...laneOf(collection, partitionKey).withTimer.values()].filter(({ timerMs = Infinity }) => timerMs <= dueMs),
        ),
      ),
    write: (writes) => Promise.resolve(writes.map(writeOne)),
    progress: (collection, partitionKeys) =>
      Promise.resolve(partitionKeys.map((partitionKey) => laneOf(collection, partitionKey).progress)),
    advance: (progress) => Promise.resolve(progress.map(advanceOne)),
    idle: (collection, activeAtMs) =>
      Promise.resolve(
        [...(collections.get(collection)?.values() ?? [])]
          .filter((lane) => lane.withTimer.size > 0 && lane.progress.activeAtMs <= activeAtMs)
          .map(({ progress }) => progress.partitionKey)
          .sort(),
      ),
    async *items(collection) {
      const all = [...(collections.get(collection)?.values() ?? [])].flatMap(({ items }) => [...items.values()]);
      yield* await Promise.resolve(
        all.sort((a, b) => compareText(a.key, b.key) || compareText(a.partitionKey, b.partitionKey)),
      );
    },
  };
};

interface Lane {
  progress: LaneProgress;
  readonly items: Map<string, StoredItem>;
  readonly withTimer: Map<string, StoredItem>;
}

const newLane = (collection: string, partitionKey: string): Lane => ({
  progress: { collection, partitionKey, watermarkMs: -Infinity, activeAtMs: -Infinity, version: 0 },
  items: new Map(),
  withTimer: new Map(),
});

const getOrMake = <Value>(map: Map<string, Value>, key: string, make: () => Value): Value => {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
};

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
