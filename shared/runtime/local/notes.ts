import type { DatabaseSync } from 'node:sqlite';
import { addTo, BOOK_COLUMNS, newTally, type Books, type Tally } from '../../engine/books.ts';
import { fieldOf } from '../field-of.ts';

/** Small facts a run must find again: positions, books, what it was started with. JSON values by name. */
export interface Notes {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
}

/** Opens the notes in a database. */
export const notes = (database: DatabaseSync): Notes => {
  database.exec('CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID');
  const get = database.prepare('SELECT value FROM notes WHERE name = ?');
  const set = database.prepare(
    'INSERT INTO notes VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    get: (name) => {
      const row = get.get(name);
      const value: unknown = row === undefined ? undefined : JSON.parse(String(row['value']));
      return value;
    },
    set: (name, value) => {
      set.run(name, JSON.stringify(value));
    },
  };
};

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

const BOOKS = 'books';

/** The books of all processors of a run, kept over restarts. */
export interface LocalBooks {
  enter(processor: string, books: Books): void;
  all(): ReadonlyMap<string, Books>;
  save(): void;
}

/** Opens the books of these processors, as the notes have them. */
export const localBooks = (processors: readonly string[], own: Notes): LocalBooks => {
  const saved = own.get(BOOKS);
  const tallies = new Map(processors.map((id): [string, Tally] => [id, tallyFrom(saved, id)]));
  return {
    enter: (processor, books) => {
      const tally = tallies.get(processor);
      if (tally !== undefined) addTo(tally, books);
    },
    all: () => tallies,
    save: () => {
      own.set(BOOKS, Object.fromEntries(tallies));
    },
  };
};

const tallyFrom = (saved: unknown, processor: string): Tally => {
  const tally = newTally();
  for (const column of BOOK_COLUMNS) tally[column] = Number(fieldOf(fieldOf(saved, processor), column) ?? 0);
  return tally;
};
