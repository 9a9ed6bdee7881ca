import { hashKeyOfEntry } from './put-check.ts';
import type { PutEntry, ShardDescription } from './partitioned-log.ts';

/** Keys are few where it counts (locations); where they are not, forgetting all now and then bounds the memory. */
const MOST_REMEMBERED_KEYS = 65_536;

/** Finds the open shard of an entry. Made anew whenever shards change. */
export class ShardRouter {
  readonly #starts: readonly string[];
  readonly #indexes: readonly number[];
  readonly #remembered = new Map<string, number>();

  constructor(shards: readonly ShardDescription[]) {
    const open = shards
      .map((shard, index) => ({ shard, index }))
      .filter(({ shard }) => shard.endingSequenceNumber === undefined)
      .sort((a, b) => (a.shard.startingHashKey < b.shard.startingHashKey ? -1 : 1));
    this.#starts = open.map(({ shard }) => shard.startingHashKey);
    this.#indexes = open.map(({ index }) => index);
  }

  /** The index of the entry's shard in the list that the router was made of. */
  indexFor(entry: PutEntry): number {
    if (entry.explicitHashKey !== undefined) return this.#find(entry);
    const known = this.#remembered.get(entry.partitionKey);
    if (known !== undefined) return known;
    const index = this.#find(entry);
    if (this.#remembered.size >= MOST_REMEMBERED_KEYS) this.#remembered.clear();
    this.#remembered.set(entry.partitionKey, index);
    return index;
  }

  #find(entry: PutEntry): number {
    const hashKey = hashKeyOfEntry(entry);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (hashKey >= (this.#starts[middle] ?? '')) low = middle;
      else high = middle - 1;
    }
    return this.#indexes[low] ?? 0;
  }
}
