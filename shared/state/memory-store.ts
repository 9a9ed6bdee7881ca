import { isTooLarge } from './item-bytes.ts';
import type {
  ConditionalWrite,
  PartitionProgress,
  StateAddress,
  StateStore,
  StoredItem,
  WriteOutcome,
} from './state-store.ts';
import { TimeIndex } from './time-index.ts';

/** A state store of this process, which keeps its own tombstones in check. */
export interface LocalStateStore extends StateStore {
  /**
   * Forgets items without state and timer that were written before this, on the clock; answers how many. What they repel,
   * repeats of their records, must not be able to come any more.
   */
  forget(beforeMs: number): number;
}

/** Keyed state in the memory of this process; it ends with it. Items are immutable, so none aliases live state. */
export const memoryStore = (): LocalStateStore => {
  const collections = new Map<string, Collection>();
  const collectionOf = (name: string): Collection => {
    const found = collections.get(name) ?? new Collection(name);
    collections.set(name, found);
    return found;
  };
  return {
    load: (addresses) => Promise.resolve(addresses.map((at) => collections.get(at.collection)?.load(at))),
    due: (collection, partitions) =>
      Promise.resolve(
        partitions.flatMap(
          ({ partitionKey, dueMs }) => collections.get(collection)?.partitions.get(partitionKey)?.due(dueMs) ?? [],
        ),
      ),
    write: (writes) => Promise.resolve(writes.map((write) => collectionOf(write.collection).write(write))),
    progress: (collection, partitionKeys) =>
      Promise.resolve(
        partitionKeys.map(
          (key) => collections.get(collection)?.partitions.get(key)?.progress ?? noProgress(collection, key),
        ),
      ),
    advance: (progress) => Promise.resolve(progress.map((one) => collectionOf(one.collection).advance(one))),
    idle: (collection, activeAtMs) =>
      Promise.resolve([...(collections.get(collection)?.waiting.through(activeAtMs) ?? [])].sort()),
    async *items(collection) {
      yield* await Promise.resolve(collections.get(collection)?.all() ?? []);
    },
    forget: (beforeMs) => {
      let forgotten = 0;
      for (const collection of collections.values()) forgotten += collection.forget(beforeMs);
      return forgotten;
    },
  };
};

class Collection {
  readonly partitions = new Map<string, Partition>();
  /** Partition keys that have a timer, by when they were active. */
  readonly waiting = new TimeIndex();
  readonly #name: string;
  /** By key alone: each belongs to the partition key that it names. */
  readonly #rows = new Map<string, StoredItem>();
  /** Items without state and timer, by when they were written. */
  readonly #tombstones = new TimeIndex();

  constructor(name: string) {
    this.#name = name;
  }

  load({ partitionKey, key, isRow }: StateAddress): StoredItem | undefined {
    return isRow === true ? this.#rows.get(key) : this.partitions.get(partitionKey)?.items.get(key);
  }

  write(write: ConditionalWrite): WriteOutcome {
    checkRow(write);
    if (isTooLarge(write)) return 'too-large';
    const { expected, writtenAtMs, ...item } = write;
    const before = this.load(write);
    if ((before?.version ?? 0) !== expected) return 'conflict';
    if (before !== undefined && before.partitionKey !== item.partitionKey) return 'conflict';
    const stored = { ...item, version: expected + 1 };
    if (item.isRow === true) this.#rows.set(item.key, stored);
    else this.#store(stored);
    if (isTombstone(item)) this.#tombstones.set(nameOf(item), writtenAtMs);
    else if (before !== undefined && isTombstone(before)) this.#tombstones.delete(nameOf(item));
    return 'written';
  }

  advance(progress: PartitionProgress): WriteOutcome {
    const partition = this.#partition(progress.partitionKey);
    if (partition.progress.version !== progress.version) return 'conflict';
    partition.progress = { ...progress, version: progress.version + 1 };
    if (partition.hasTimer) this.waiting.set(progress.partitionKey, progress.activeAtMs);
    return 'written';
  }

  all(): readonly StoredItem[] {
    const items = [...this.partitions.values()].flatMap((partition) => [...partition.items.values()]);
    return [...items, ...this.#rows.values()].sort(
      (a, b) => compareText(a.key, b.key) || compareText(a.partitionKey, b.partitionKey),
    );
  }

  forget(beforeMs: number): number {
    // Times are whole milliseconds.
    const names = this.#tombstones.through(beforeMs - 1);
    for (const name of names) {
      this.#tombstones.delete(name);
      const { partitionKey, key, isRow } = addressOf(name);
      if (isRow) this.#rows.delete(key);
      else this.partitions.get(partitionKey)?.items.delete(key);
    }
    return names.length;
  }

  #store(item: StoredItem): void {
    const partition = this.#partition(item.partitionKey);
    const { hasTimer: hadTimer } = partition;
    partition.store(item);
    const { hasTimer, progress } = partition;
    if (hasTimer && !hadTimer) this.waiting.set(item.partitionKey, progress.activeAtMs);
    if (hadTimer && !hasTimer) this.waiting.delete(item.partitionKey);
  }

  #partition(partitionKey: string): Partition {
    const found = this.partitions.get(partitionKey);
    if (found !== undefined) return found;
    const made = new Partition(noProgress(this.#name, partitionKey));
    this.partitions.set(partitionKey, made);
    return made;
  }
}

class Partition {
  progress: PartitionProgress;
  readonly items = new Map<string, StoredItem>();
  /** Made with the first timer: most partitions of most processors never have one. */
  #timers: TimeIndex | undefined;

  constructor(progress: PartitionProgress) {
    this.progress = progress;
  }

  get hasTimer(): boolean {
    return (this.#timers?.size ?? 0) > 0;
  }

  store(item: StoredItem): void {
    this.items.set(item.key, item);
    if (item.timerMs === undefined) this.#timers?.delete(item.key);
    else (this.#timers ??= new TimeIndex()).set(item.key, item.timerMs);
  }

  due(dueMs: number): readonly StoredItem[] {
    return (this.#timers?.through(dueMs) ?? []).flatMap((key) => this.items.get(key) ?? []);
  }
}

/** Throws a `TypeError` for a row with a timer: no store has room for one. */
export const checkRow = ({ isRow, timerMs, collection }: ConditionalWrite): void => {
  if (isRow !== true || timerMs === undefined) return;
  throw new TypeError(
    `a row of table '${collection}' has a timer, and tables have none: leave 'as' out of the processor, and fill the table from a second one`,
  );
};

const isTombstone = ({ state, timerMs }: Pick<StoredItem, 'state' | 'timerMs'>): boolean =>
  state === undefined && timerMs === undefined;

/** Both parts of an address in one text; {@link addressOf} takes it apart. */
const nameOf = ({ partitionKey, key, isRow }: StateAddress): string =>
  isRow === true ? `- ${key}` : `${String(partitionKey.length)} ${partitionKey}${key}`;

const addressOf = (name: string): { readonly partitionKey: string; readonly key: string; readonly isRow: boolean } => {
  const start = name.indexOf(' ') + 1;
  const isRow = name.startsWith('-');
  const end = isRow ? start : start + Number(name.slice(0, start - 1));
  return { partitionKey: name.slice(start, end), key: name.slice(end), isRow };
};

const noProgress = (collection: string, partitionKey: string): PartitionProgress => ({
  collection,
  partitionKey,
  watermarkMs: -Infinity,
  activeAtMs: -Infinity,
  version: 0,
});

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
