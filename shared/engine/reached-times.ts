/** Event times of emitted records, each newer than all before it, and the places of the events that caused them; -1 for a timer. */
export interface Reached {
  readonly at: readonly number[];
  readonly timesMs: readonly number[];
}

/** How far event time comes in what one partition emits, by stream. */
export class ReachedTimes {
  readonly byStream = new Map<string, { readonly at: number[]; readonly timesMs: number[] }>();

  /** Enters the time of an emitted record; older ones than before change nothing. */
  enter(stream: string, at: number, timeMs: number): void {
    const reached = this.byStream.get(stream) ?? { at: [], timesMs: [] };
    this.byStream.set(stream, reached);
    if (timeMs <= (reached.timesMs.at(-1) ?? -Infinity)) return;
    reached.at.push(at);
    reached.timesMs.push(timeMs);
  }
}
