import { hashKeyOf } from '../../../stream/hash-key.ts';

const MOST_REMEMBERED_KEYS = 65_536;

/** Which unit of parallelisation a partition key belongs to. */
export class SlotOfKey {
  readonly #factor: number;
  readonly #remembered = new Map<string, number>();

  constructor(parallelizationFactor: number) {
    this.#factor = parallelizationFactor;
  }

  /** From 0. Taken from the low end of the hash, because the keys of one shard share the high end. */
  indexOf(partitionKey: string): number {
    const known = this.#remembered.get(partitionKey);
    if (known !== undefined) return known;
    const index = Number.parseInt(hashKeyOf(partitionKey).slice(-8), 16) % this.#factor;
    if (this.#remembered.size >= MOST_REMEMBERED_KEYS) this.#remembered.clear();
    this.#remembered.set(partitionKey, index);
    return index;
  }
}
