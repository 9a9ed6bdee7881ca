const DAY_MS = 86_400_000;

/** A gap between times that only many records make believable: a year without a record, with room for a leap day. */
const MAX_GAP_MS = 366 * DAY_MS;
const MIN_SHARE = 0.01;
const MIN_RECORDS = 2;

/** How {@link arrivalBy} reads records. */
export interface ArrivalOptions {
  /** When a record happened, in milliseconds since 1970; `NaN` where it does not say. */
  readonly timeMsOf: (record: string) => number;
  /** Records of one step of this length arrive at its end: a day for daily reports. @default 1000 */
  readonly stepMs?: number;
}

/** When records that come in together have arrived, in milliseconds since 1970; undefined where neither they nor those before say. */
export type Arrival = (records: readonly string[], beforeMs: number | undefined) => number | undefined;

/**
 * Lets records of the past say themselves when they arrived, so that no clock of a machine decides a result: at the end of the
 * newest step they speak of, and never before the records before them.
 *
 * A time more than a year after all others counts only where at least 2 records, and one in a hundred, are of it or later: one
 * wrong date must not put all that follow into the past.
 */
export const arrivalBy =
  ({ timeMsOf, stepMs = 1000 }: ArrivalOptions): Arrival =>
  (records, beforeMs) => {
    const countOfStep = new Map<number, number>();
    let timed = 0;
    // Neighbours mostly are of one step.
    let lastMs = Number.NaN;
    let ofLast = 0;
    const add = (): void => {
      if (ofLast > 0) countOfStep.set(lastMs, (countOfStep.get(lastMs) ?? 0) + ofLast);
      timed += ofLast;
    };
    for (const record of records) {
      const timeMs = timeMsOf(record);
      if (Number.isNaN(timeMs)) continue;
      const startMs = Math.floor(timeMs / stepMs) * stepMs;
      if (startMs !== lastMs) {
        add();
        lastMs = startMs;
        ofLast = 0;
      }
      ofLast += 1;
    }
    add();
    if (timed === 0) return beforeMs;
    const steps = [...countOfStep].sort(([one], [other]) => one - other);
    let newestMs = beforeMs === undefined ? medianOf(steps, timed) : beforeMs - stepMs;
    let later = timed;
    for (const [startMs, count] of steps) {
      const isBelievable = later >= Math.max(MIN_RECORDS, timed * MIN_SHARE);
      if (startMs > newestMs && (startMs - newestMs <= MAX_GAP_MS || isBelievable)) newestMs = startMs;
      later -= count;
    }
    return newestMs + stepMs;
  };

const medianOf = (steps: readonly (readonly [startMs: number, records: number])[], records: number): number => {
  let before = 0;
  for (const [startMs, count] of steps) {
    before += count;
    if (before * 2 >= records) return startMs;
  }
  return -Infinity;
};
