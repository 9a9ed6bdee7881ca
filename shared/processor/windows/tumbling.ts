import type { Window, Windows } from './windows.ts';

/** What {@link tumbling} is made with. */
export interface TumblingOptions {
  /** Length of each window; above 0. */
  readonly sizeMs: number;
  readonly graceMs: number;
}

/** Windows of one size, side by side without a gap. */
export interface TumblingWindows extends Windows, TumblingOptions {}

/**
 * Windows of `sizeMs`, aligned to 1970-01-01T00:00Z, each open for `graceMs` of event time after its end. There is no
 * default grace: 0 drops what is out of order, and that must be said.
 *
 * @example
 * ```ts
 * tumbling({ sizeMs: 60_000, graceMs: 0 }).windowAt(60_000); // { startMs: 60_000, endMsExclusive: 120_000 }
 * tumbling({ sizeMs: 60_000, graceMs: 0 }).windowAt(-1); // { startMs: -60_000, endMsExclusive: 0 }
 * ```
 */
export const tumbling = ({ sizeMs, graceMs }: TumblingOptions): TumblingWindows => {
  if (!Number.isSafeInteger(sizeMs) || sizeMs <= 0) {
    throw new RangeError(`sizeMs must be a whole number above 0, got ${String(sizeMs)}`);
  }
  if (!Number.isSafeInteger(graceMs) || graceMs < 0) {
    throw new RangeError(`graceMs must be a whole number from 0, got ${String(graceMs)}`);
  }
  const windowAt = (timeMs: number): Window => {
    const startMs = Math.floor(timeMs / sizeMs) * sizeMs;
    return { startMs, endMsExclusive: startMs + sizeMs };
  };
  return { sizeMs, graceMs, windowAt, description: { kind: 'tumbling', sizeMs, graceMs } };
};
