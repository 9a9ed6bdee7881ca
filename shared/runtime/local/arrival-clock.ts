import type { Notes } from './notes.ts';

/**
 * The time of a run. It is the clock's, until an arrival is given: then the run replays its input, and its time is the latest
 * arrival, so that the clock of the machine decides no result. It never goes back.
 */
export interface ArrivalClock {
  /** When a record that is put now arrives, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Moves the time of a replay on; an earlier time than the last leaves it where it is. */
  readonly arrive: (arrivalMs: number) => void;
  /** The moment of an edit: records that were put before arrived before it, and those put from now on did not. */
  readonly edit: () => number;
  /** The time to measure the age of records at. A replay has none: what the clock says about it means nothing. */
  readonly ageClock: (nowMs: number) => number;
  readonly save: () => void;
}

const NOTE = 'arrivals';

/** Opens the clock of a run as its notes have it. */
export const arrivalClock = (nowMs: () => number, own: Notes): ArrivalClock => {
  const saved = own.get(NOTE);
  let replayedMs = typeof saved === 'number' ? saved : undefined;
  let earliestMs = -Infinity;
  const now = (): number => Math.max(earliestMs, replayedMs ?? nowMs());
  return {
    nowMs: now,
    arrive: (arrivalMs) => {
      if (!Number.isSafeInteger(arrivalMs)) {
        throw new RangeError(
          `an arrival must be a whole number of milliseconds since 1970, got ${String(arrivalMs)}: leave it out to take the clock's`,
        );
      }
      replayedMs = Math.max(replayedMs ?? -Infinity, arrivalMs);
    },
    edit: () => {
      earliestMs = now() + 1;
      return earliestMs;
    },
    ageClock: (polledMs) => (replayedMs === undefined ? polledMs : -Infinity),
    save: () => {
      if (replayedMs !== undefined) own.set(NOTE, replayedMs);
    },
  };
};
