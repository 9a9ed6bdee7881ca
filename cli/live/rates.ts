/** How fast counters grow, over the last seconds. */
export interface Rates {
  /** Notes the current counters. */
  note(counters: ReadonlyMap<string, number>): void;
  /** Per second; 0 for a counter that was never noted. */
  of(counter: string): number;
}

const OVER_MS = 3000;

interface Sample {
  readonly atMs: number;
  readonly counters: ReadonlyMap<string, number>;
}

export const ratesOf = (nowMs: () => number): Rates => {
  let samples: Sample[] = [];
  return {
    note: (counters) => {
      const atMs = nowMs();
      // One sample from before the span stays, so that the span is always covered.
      const firstInside = samples.findIndex((sample) => sample.atMs > atMs - OVER_MS);
      samples = [
        ...samples.slice(Math.max(0, firstInside < 0 ? samples.length - 1 : firstInside - 1)),
        { atMs, counters },
      ];
    },
    of: (counter) => {
      const [first] = samples;
      const last = samples.at(-1);
      const grown = (last?.counters.get(counter) ?? 0) - (first?.counters.get(counter) ?? 0);
      const spentMs = (last?.atMs ?? 0) - (first?.atMs ?? 0);
      return spentMs > 0 ? (grown / spentMs) * 1000 : 0;
    },
  };
};
