/**
 * Names in the order of a time each: a binary heap that knows where every name is, so that a time may change. Setting and
 * removing cost the logarithm of the number of names, and asking costs what the answer holds.
 */
export class TimeIndex {
  readonly #names: string[] = [];
  readonly #times: number[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#names.length;
  }

  /** Adds a name, or moves it to another time. */
  set(name: string, timeMs: number): void {
    const known = this.#places.get(name);
    const place = known ?? this.#names.length;
    const before = known === undefined ? Infinity : (this.#times[place] ?? Infinity);
    this.#place(place, name, timeMs);
    if (timeMs < before || known === undefined) this.#rise(place);
    else if (timeMs > before) this.#sink(place);
  }

  /** Removes a name, if it is here. */
  delete(name: string): void {
    const place = this.#places.get(name);
    if (place === undefined) return;
    this.#places.delete(name);
    const lastName = this.#names.pop();
    const lastMs = this.#times.pop();
    if (lastName === undefined || lastMs === undefined || place === this.#names.length) return;
    this.#place(place, lastName, lastMs);
    this.#rise(place);
    this.#sink(this.#places.get(lastName) ?? place);
  }

  /** The names whose time is this one or earlier, in no order. */
  through(timeMs: number): readonly string[] {
    const found: string[] = [];
    const open = [0];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      const name = this.#names[place];
      // Nothing below a later time is earlier.
      if (name === undefined || !((this.#times[place] ?? Infinity) <= timeMs)) continue;
      found.push(name);
      open.push(2 * place + 1, 2 * place + 2);
    }
    return found;
  }

  #place(place: number, name: string, timeMs: number): void {
    this.#names[place] = name;
    this.#times[place] = timeMs;
    this.#places.set(name, place);
  }

  #rise(from: number): void {
    const name = this.#names[from] ?? '';
    const timeMs = this.#times[from] ?? Infinity;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const parentMs = this.#times[parent] ?? -Infinity;
      if (parentMs <= timeMs) break;
      this.#place(place, this.#names[parent] ?? '', parentMs);
      place = parent;
    }
    if (place !== from) this.#place(place, name, timeMs);
  }

  #sink(from: number): void {
    const name = this.#names[from] ?? '';
    const timeMs = this.#times[from] ?? Infinity;
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const child = (this.#times[right] ?? Infinity) < (this.#times[left] ?? Infinity) ? right : left;
      const childMs = this.#times[child];
      if (childMs === undefined || childMs >= timeMs) break;
      this.#place(place, this.#names[child] ?? '', childMs);
      place = child;
    }
    if (place !== from) this.#place(place, name, timeMs);
  }
}
