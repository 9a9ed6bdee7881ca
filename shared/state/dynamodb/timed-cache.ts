/** Keeps values for a time, a limited number of them. */
export class TimedCache<Value> {
  readonly #max: number;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  /** @param max how many values are kept; those kept longest make room */
  constructor(max: number, nowMs: () => number) {
    this.#max = max;
    this.#nowMs = nowMs;
  }

  /** The value kept under a key, in a box of its own because it may be undefined; undefined if none is or its time is over. */
  get(key: string): { readonly value: Value } | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.untilMs > this.#nowMs() ? entry : undefined;
  }

  keep(key: string, value: Value, forMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: this.#nowMs() + forMs });
    if (this.#entries.size <= this.#max) return;
    for (const first of this.#entries.keys()) {
      this.#entries.delete(first);
      return;
    }
  }
}
