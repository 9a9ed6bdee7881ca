import type { WarmItem } from './key-work.ts';

/** Items of one partition key, and the version of the progress they were read under. */
interface WarmLane {
  readonly progressVersion: number;
  readonly items: Map<string, WarmItem>;
}

/**
 * State kept between batches, so that a warm function reads little. An item may be used only as long as nobody else has
 * finished a batch of its lane: the conditional write would tell that it is old, but only after outputs were emitted from
 * it, and those would stand under the origins of the right ones.
 *
 * Every batch leaves a new version of the lane's progress behind, so a lane is forgotten as a whole when the version is not
 * the one that was left here. That also keeps items from being older than the progress they are used with, which would call
 * records late that are applied already.
 */
export class WarmCache {
  readonly #lanes = new Map<string, WarmLane>();
  readonly #maxItems: number;
  #items = 0;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  get(partitionKey: string, key: string): WarmItem | undefined {
    return this.#lanes.get(partitionKey)?.items.get(key);
  }

  /** Forgets the lane unless its items were read under this version of its progress. */
  expect(partitionKey: string, progressVersion: number): void {
    const lane = this.#lanes.get(partitionKey);
    if (lane !== undefined && lane.progressVersion !== progressVersion) this.forget(partitionKey);
  }

  forget(partitionKey: string): void {
    this.#items -= this.#lanes.get(partitionKey)?.items.size ?? 0;
    this.#lanes.delete(partitionKey);
  }

  /** Keeps what a batch has read and written of a lane; the lanes used longest ago make room. */
  keep(partitionKey: string, progressVersion: number, items: Iterable<WarmItem>): void {
    const lane = this.#lanes.get(partitionKey);
    this.forget(partitionKey);
    const kept = lane?.items ?? new Map<string, WarmItem>();
    for (const item of items) kept.set(item.key, item);
    this.#lanes.set(partitionKey, { progressVersion, items: kept });
    this.#items += kept.size;
    for (const oldest of this.#lanes.keys()) {
      if (this.#items <= this.#maxItems) return;
      this.forget(oldest);
    }
  }
}
