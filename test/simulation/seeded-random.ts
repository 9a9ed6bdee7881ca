// Taken from the global object once: where tests run, each look into it costs more than the whole step.
const { imul } = Math;

const TWO_TO_32 = 4_294_967_296;

/** Random numbers one after the other: the same seed and purpose give the same row on every machine. */
export class SeededRandom {
  #state: number;

  constructor(seed: number, purpose: number) {
    this.#state = imul(seed, 0x9e3779b1) ^ imul(purpose + 1, 0x85ebca6b);
    this.next();
  }

  /** Evenly spread, from 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_32;
  }

  yes(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from 0 to below the limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number; both ends can come. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** One of the items, of which there must be one. */
  pick<Item>(items: readonly Item[]): Item {
    const picked = items[this.below(items.length)];
    if (picked === undefined) throw new RangeError('there is nothing to pick from');
    return picked;
  }

  /** The items in another order. */
  shuffled<Item>(items: readonly Item[]): readonly Item[] {
    const left = [...items];
    return items.map(() => this.pick(left.splice(this.below(left.length), 1)));
  }
}
