import { collectionOf, type Keyed, type Processor } from '../processor/processor.ts';
import type { StateAddress, StateStore, StoredItem, WriteOutcome } from '../state/state-store.ts';
import { advanceOf, stateAddress, type Partition } from './batch.ts';
import type { LostKeys } from './commit.ts';
import type { Draft, Item, StateFormat } from './item.ts';
import { stateFormat } from './state-format.ts';
import type { PartitionRun } from './partition-run.ts';
import { moveProgress, type MovedProgress } from './progress.ts';
import { WarmCache } from './warm-cache.ts';

const WARM_ITEMS = 20_000;
const WARM_AGE_MS = 10 * 60_000;

/** Items by state key. */
export type Items = ReadonlyMap<string, Item>;

/** What became of one changed item. */
export interface Committed {
  readonly draft: Draft;
  readonly outcome: WriteOutcome;
  /** As it is stored now, where it was written. */
  readonly item: Item | undefined;
  /** As it would be stored. */
  readonly bytes: number;
}

/** State of one processor, between the store and the folds of a batch. */
export class KeyedState {
  readonly collection: string;
  readonly format: StateFormat;
  readonly #processor: Processor;
  readonly #keyed: Keyed;
  readonly #store: StateStore;
  readonly #nowMs: () => number;
  /** Whether other writers of a partition leave a trace: only then may items be kept between batches. */
  readonly #isFenced: boolean;
  readonly #cache = new WarmCache(WARM_ITEMS, WARM_AGE_MS);

  constructor(processor: Processor, keyed: Keyed, store: StateStore, nowMs: () => number) {
    this.collection = collectionOf(processor);
    this.format = stateFormat(processor, keyed);
    this.#processor = processor;
    this.#keyed = keyed;
    this.#store = store;
    this.#nowMs = nowMs;
    this.#isFenced = keyed.timers !== undefined;
  }

  /**
   * Reads how far event time has come in the partitions, strictly before their items are read: progress that is newer than the
   * items would call records late that are applied already.
   *
   * A partition that was quiet is marked active first, so that the sweep leaves it alone while this batch is under way: an
   * outcome must not change between being emitted and being committed.
   */
  async progress(partitionKeys: readonly string[]): Promise<ReadonlyMap<string, MovedProgress>> {
    const { timers } = this.#keyed;
    if (timers === undefined || partitionKeys.length === 0) return new Map();
    const read = await this.#store.progress(this.collection, partitionKeys);
    const moved = await moveProgress(this.#store, read, (progress) => {
      const nowMs = this.#nowMs();
      return progress.activeAtMs < nowMs - timers.idleAfterMs / IDLE_PARTS
        ? { ...progress, activeAtMs: nowMs }
        : undefined;
    });
    for (const [partitionKey, { progress }] of moved) this.#cache.expect(partitionKey, progress.version, this.#nowMs());
    return moved;
  }

  /** Whether a batch that began then has taken so long that a sweep may have treated its partitions as idle. */
  isOverdue(startedMs: number): boolean {
    const { timers } = this.#keyed;
    return timers !== undefined && this.#nowMs() - startedMs > timers.idleAfterMs / IDLE_PARTS;
  }

  /** Loads the items of all keys of the partitions, and of those whose timers may come due in this batch. */
  async load(
    partitions: readonly Partition[],
    progress: ReadonlyMap<string, MovedProgress>,
  ): Promise<ReadonlyMap<string, Map<string, Item>>> {
    const items = new Map<string, Map<string, Item>>();
    const missing: StateAddress[] = [];
    for (const { partitionKey, events } of partitions) {
      const ofPartition = new Map<string, Item>();
      const asked = new Set<string>();
      items.set(partitionKey, ofPartition);
      let lastKey: string | undefined;
      for (const { key } of events) {
        if (key === undefined || key === lastKey) continue;
        lastKey = key;
        if (asked.has(key)) continue;
        asked.add(key);
        const warm = this.#isFenced ? this.#cache.get(partitionKey, key) : undefined;
        if (warm === undefined) missing.push(stateAddress(this.#processor, partitionKey, key));
        else ofPartition.set(key, this.format.reread(warm));
      }
    }
    if (missing.length > 0) {
      const stored = await this.#store.load(missing);
      for (const [index, address] of missing.entries()) {
        items.get(address.partitionKey)?.set(address.key, this.format.read(address, stored[index]));
      }
    }
    await this.#loadDue(partitions, progress, items);
    return items;
  }

  /** Items whose timers are due at these times, by partition key. */
  async due(
    asked: readonly { readonly partitionKey: string; readonly dueMs: number }[],
  ): Promise<ReadonlyMap<string, Items>> {
    const items = new Map<string, Map<string, Item>>();
    for (const stored of asked.length === 0 ? [] : await this.#store.due(this.collection, asked)) {
      const ofPartition = items.get(stored.partitionKey) ?? new Map<string, Item>();
      items.set(stored.partitionKey, ofPartition);
      ofPartition.set(stored.key, this.#readDue(stored));
    }
    return items;
  }

  /** Reads the keys of a partition that another writer changed, and how far event time has come there, so that they can be folded again. */
  async restart({ run, keys }: LostKeys): Promise<void> {
    const { partitionKey } = run.partition;
    this.#cache.forget(partitionKey);
    const [progress] = this.#isFenced ? await this.#store.progress(this.collection, [partitionKey]) : [];
    const addresses = keys.map((key) => stateAddress(this.#processor, partitionKey, key));
    const stored = await this.#store.load(addresses);
    run.restart(
      new Map(addresses.map((address, index) => [address.key, this.format.read(address, stored[index])])),
      progress,
    );
  }

  /** Writes what changed, each key under the condition that no other writer has. One result per draft, in order. */
  async commit(drafts: readonly Draft[]): Promise<readonly Committed[]> {
    if (drafts.length === 0) return [];
    const writtenAtMs = this.#nowMs();
    const writes = drafts.map((draft) => draft.write(writtenAtMs));
    const outcomes = await this.#store.write(writes);
    return drafts.flatMap((draft, index): Committed[] => {
      const write = writes[index];
      if (write === undefined) return [];
      const outcome = outcomes[index] ?? 'throttled';
      const item = outcome === 'written' ? draft.written(write) : undefined;
      return [{ draft, outcome, item, bytes: draft.bytes() }];
    });
  }

  /**
   * Stores the watermarks, after everything that depends on them, and keeps items warm. Progress is written at the end of every
   * batch, also where event time did not move or not all was written: items that other environments keep are old from here on.
   * Returns the lowest watermark among the partitions; undefined where none is known.
   */
  async finish(runs: readonly PartitionRun[]): Promise<number | undefined> {
    if (!this.#isFenced) return undefined;
    const ending = runs.filter(({ isComplete, isWritten }) => isComplete || isWritten);
    const reached = new Map(
      ending.map(({ partition, isComplete, reachedMs }) => [
        partition.partitionKey,
        isComplete ? reachedMs : -Infinity,
      ]),
    );
    const moved = await moveProgress(
      this.#store,
      ending.flatMap(({ progress }) => progress ?? []),
      (progress) => ({
        ...progress,
        watermarkMs: Math.max(reached.get(progress.partitionKey) ?? -Infinity, progress.watermarkMs),
        activeAtMs: this.#nowMs(),
      }),
    );
    for (const run of ending) {
      const { partitionKey } = run.partition;
      const { progress, outcome, contested } = moved.get(partitionKey) ?? {};
      if (outcome !== 'written') run.redeliver('its watermark could not be written: the state store throttles');
      else run.progress = progress;
      if (run.isComplete && !run.isContested && contested !== true) {
        this.#cache.keep(partitionKey, progress?.version ?? 0, this.#nowMs(), run.known.values());
      } else this.#cache.forget(partitionKey);
    }
    let lowestMs = Infinity;
    for (const { watermarkMs } of runs) if (watermarkMs > -Infinity) lowestMs = Math.min(lowestMs, watermarkMs);
    return lowestMs === Infinity ? undefined : lowestMs;
  }

  async #loadDue(
    partitions: readonly Partition[],
    progress: ReadonlyMap<string, MovedProgress>,
    items: ReadonlyMap<string, Map<string, Item>>,
  ): Promise<void> {
    const { timers } = this.#keyed;
    if (timers === undefined) return;
    const asked: { readonly partitionKey: string; readonly dueMs: number }[] = [];
    for (const { partitionKey, events } of partitions) {
      let reachMs = -Infinity;
      for (const event of events) {
        if (event.fault?.reason !== 'undecodable')
          reachMs = Math.max(reachMs, advanceOf(event, timers.aheadToleranceMs));
      }
      const watermarkMs = progress.get(partitionKey)?.progress.watermarkMs ?? -Infinity;
      // A sweep may have moved event time and got no further. A timer of this batch that is due since then must not fire before
      // others that are: windows of one key close in order.
      const isOverdue = isAnyDue(items.get(partitionKey), watermarkMs - timers.graceMs);
      if (reachMs > watermarkMs || isOverdue) {
        asked.push({ partitionKey, dueMs: Math.max(reachMs, watermarkMs) - timers.graceMs });
      }
    }
    for (const [partitionKey, due] of await this.due(asked)) {
      const ofPartition = items.get(partitionKey);
      for (const [key, item] of due) if (ofPartition?.has(key) === false) ofPartition.set(key, item);
    }
  }

  #readDue(stored: StoredItem): Item {
    return this.format.read(stateAddress(this.#processor, stored.partitionKey, stored.key), stored);
  }
}

/**
 * A batch gives up, and a partition counts as active again, after this part of the idle time. A sweep waits for all of it, so a
 * write that is under way when a batch looks at the clock last, and clocks that differ, have the rest.
 */
const IDLE_PARTS = 3;

const isAnyDue = (items: Items | undefined, dueMs: number): boolean => {
  for (const { timerMs } of items?.values() ?? []) if (timerMs !== undefined && timerMs <= dueMs) return true;
  return false;
};
