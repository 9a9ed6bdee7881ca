import type { Notes } from './notes.ts';

/** Counts by name, kept over restarts. */
export interface LocalCounters {
  add(name: string, count: number): void;
  all(): ReadonlyMap<string, number>;
  save(): void;
}

/** Opens the counters that `note` holds, or new ones. */
export const localCounters = (note: string, own: Notes): LocalCounters => {
  const saved = own.get(note);
  const entries = typeof saved === 'object' && saved !== null ? Object.entries(saved) : [];
  const counts = new Map(entries.map(([name, count]): [string, number] => [name, Number(count)]));
  return {
    add: (name, count) => {
      counts.set(name, (counts.get(name) ?? 0) + count);
    },
    all: () => counts,
    save: () => {
      own.set(note, Object.fromEntries(counts));
    },
  };
};
