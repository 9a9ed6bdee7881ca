import { setTimeout } from 'node:timers/promises';

const SLICE_MS = 100;
// After a pause, because the machine slept or was busy, the lost time is lost.
const MAX_LAG_MS = 1000;

/** Slows work down to a number of records per second. */
export interface RateLimiter {
  /** Waits as long as these records should have taken; calls `isToGoOn` about ten times a second, whose `false` ends it. */
  wait(records: number, isToGoOn: () => boolean): Promise<void>;
}

/** Makes a rate limiter; with `Infinity` it never waits. */
export const rateLimiter = (recordsPerSecond: number, nowMs: () => number): RateLimiter => {
  let dueMs = nowMs();
  return {
    wait: async (records, isToGoOn) => {
      dueMs = Math.max(dueMs + (records / recordsPerSecond) * 1000, nowMs() - MAX_LAG_MS);
      for (let left = dueMs - nowMs(); left > 0 && isToGoOn(); left = dueMs - nowMs()) {
        await setTimeout(Math.min(left, SLICE_MS));
      }
    },
  };
};
