/** How often something was done to the run, by name. */
export class FaultCounts {
  readonly #counts = new Map<string, number>();

  add(name: string, times = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }

  addAll(other: Iterable<readonly [string, number]>): void {
    for (const [name, times] of other) this.add(name, times);
  }

  /** By name. */
  entries(): readonly (readonly [name: string, times: number])[] {
    return [...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1));
  }
}
