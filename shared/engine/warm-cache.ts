import type { WarmItem } from './key-work.ts';

/** Items of one partition key, and the version of the progress they were read under. */
interface WarmLane {
  readonly progressVersion: number;
  readonly items: Map<string, WarmItem>;
}

/**
 * State kept between batches, so that a warm function reads little. It is only a guess: every write is conditional, so a
 * stale item costs a reload and never a wrong result.
 *
 * A lane is forgotten as a whole: its items must not be older than the progress they are used with, or a record would be
 * called late that is applied already.
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
