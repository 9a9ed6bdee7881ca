/** A span of event time: the start is in it, the end is not. Milliseconds since 1970. */
export interface Window {
  readonly startMs: number;
  readonly endMsExclusive: number;
}

/** Windows of one size, side by side without a gap; see {@link tumbling}. */
export interface TumblingWindows {
  readonly sizeMs: number;
  readonly graceMs: number;
}

/**
 * Windows of `sizeMs`, aligned to 1970-01-01T00:00Z, each open for `graceMs` of event time after its end. There is no
 * default grace: 0 drops what is out of order, and that must be said.
 *
 * @example
 * ```ts
 * windowAt(tumbling({ sizeMs: 60_000, graceMs: 0 }), 60_000); // { startMs: 60_000, endMsExclusive: 120_000 }
 * windowAt(tumbling({ sizeMs: 60_000, graceMs: 0 }), -1); // { startMs: -60_000, endMsExclusive: 0 }
 * ```
 */
export const tumbling = ({ sizeMs, graceMs }: TumblingWindows): TumblingWindows => {
  if (!Number.isSafeInteger(sizeMs) || sizeMs <= 0) {
    throw new RangeError(`sizeMs must be a whole number above 0, got ${String(sizeMs)}`);
  }
  if (!Number.isSafeInteger(graceMs) || graceMs < 0) {
    throw new RangeError(`graceMs must be a whole number from 0, got ${String(graceMs)}`);
  }
  return { sizeMs, graceMs };
};

/** The window a time falls in. */
export const windowAt = ({ sizeMs }: TumblingWindows, timeMs: number): Window => {
  const startMs = Math.floor(timeMs / sizeMs) * sizeMs;
  return { startMs, endMsExclusive: startMs + sizeMs };
};
