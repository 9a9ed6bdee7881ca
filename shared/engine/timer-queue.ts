import type { Draft } from './item.ts';

/** A timer as it was when it was entered; a key that has another one by now is no longer due then. */
interface Entry {
  readonly timerMs: number;
  readonly draft: Draft;
}

/**
 * The timers of a partition in the order in which they fire: due time, then key. A key that sets its timer anew is entered
 * again, and the old entry no longer counts.
 */
export class TimerQueue {
  /** A binary heap: the first entry is due before all others. */
  readonly #heap: Entry[] = [];

  constructor(drafts: Iterable<Draft>) {
    for (const draft of drafts) this.enter(draft);
  }

  /** When the next timer may be due; Infinity if none is set. */
  get nextMs(): number {
    return this.#heap[0]?.timerMs ?? Infinity;
  }

  /** Enters the timer a key has now, if it has one. */
  enter(draft: Draft): void {
    const { timerMs } = draft;
    if (timerMs === undefined) return;
    const entry = { timerMs, draft };
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = entry;
  }

  /** Takes the next key whose timer is due at a time out of the queue; undefined if none is. */
  takeDue(dueMs: number): Draft | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.timerMs > dueMs) return undefined;
      this.#removeFirst();
      if (first.draft.timerMs === first.timerMs) return first.draft;
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    const size = this.#heap.length;
    if (last === undefined || size === 0) return;
    let at = 0;
    for (let child = 1; child < size; child = at * 2 + 1) {
      let least = this.#heap[child];
      const right = this.#heap[child + 1];
      if (least !== undefined && right !== undefined && isBefore(right, least)) {
        least = right;
        child += 1;
      }
      if (least === undefined || !isBefore(least, last)) break;
      this.#heap[at] = least;
      at = child;
    }
    this.#heap[at] = last;
  }
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.timerMs < other.timerMs || (one.timerMs === other.timerMs && one.draft.item.key < other.draft.item.key);
