import type { Item } from './item.ts';

/** Items of one partition key, and the version of the progress they were read under. */
interface WarmPartition {
  readonly progressVersion: number;
  readonly keptAtMs: number;
  readonly items: Map<string, Item>;
}

/**
 * State kept between batches, so that a warm function reads little. An item may be used only as long as no other environment has
 * finished a batch of its partition: the conditional write would find out that it is old, but only after outputs were emitted
 * from it, under the origins of the right ones.
 *
 * Every batch leaves a new version of the partition's progress, also one that was only written in part, so a partition is
 * forgotten as a whole when the version is not the one that was left here. That also keeps items from being older than the
 * progress they are used with, which would call records late that are applied already. Age is bounded too, for a process that
 * died between writing items and progress and whose batch was then given up.
 */
export class WarmCache {
  readonly #partitions = new Map<string, WarmPartition>();
  readonly #maxItems: number;
  readonly #maxAgeMs: number;
  #items = 0;

  constructor(maxItems: number, maxAgeMs: number) {
    this.#maxItems = maxItems;
    this.#maxAgeMs = maxAgeMs;
  }

  get(partitionKey: string, key: string): Item | undefined {
    return this.#partitions.get(partitionKey)?.items.get(key);
  }

  /** Forgets the partition unless its items were read under this version of its progress, and lately. */
  expect(partitionKey: string, progressVersion: number, nowMs: number): void {
    const known = this.#partitions.get(partitionKey);
    if (known === undefined) return;
    if (known.progressVersion !== progressVersion || nowMs - known.keptAtMs > this.#maxAgeMs) this.forget(partitionKey);
  }

  forget(partitionKey: string): void {
    this.#items -= this.#partitions.get(partitionKey)?.items.size ?? 0;
    this.#partitions.delete(partitionKey);
  }

  /** Keeps what a batch has read and written of a partition; evicts the least recently used items, partition by partition. */
  keep(partitionKey: string, progressVersion: number, nowMs: number, items: Iterable<Item>): void {
    const kept = this.#partitions.get(partitionKey)?.items ?? new Map<string, Item>();
    this.forget(partitionKey);
    for (const item of items) {
      kept.delete(item.key);
      kept.set(item.key, item);
    }
    this.#partitions.set(partitionKey, { progressVersion, keptAtMs: nowMs, items: kept });
    this.#items += kept.size;
    if (this.#items > this.#maxItems) this.#evict();
  }

  #evict(): void {
    for (const [partitionKey, { items }] of this.#partitions) {
      for (const key of items.keys()) {
        if (this.#items <= this.#maxItems) return;
        items.delete(key);
        this.#items -= 1;
      }
      this.#partitions.delete(partitionKey);
    }
  }
}
