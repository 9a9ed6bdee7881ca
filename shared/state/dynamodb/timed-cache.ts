/** Values for a time, as many as fit. */
export class TimedCache<Value> {
  readonly #most: number;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  /** @param most how many values are kept; those kept longest make room */
  constructor(most: number, nowMs: () => number) {
    this.#most = most;
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
    if (this.#entries.size <= this.#most) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
