import { addTo, BOOK_COLUMNS, newTally, type Books, type Tally } from '../../engine/books.ts';
import { fieldOf } from '../field-of.ts';
import type { Notes } from './notes.ts';

const NOTE = 'books';

/** The books of all processors of a run, kept over restarts. */
export interface LocalBooks {
  enter(processor: string, books: Books): void;
  all(): ReadonlyMap<string, Books>;
  save(): void;
}

export const localBooks = (processors: readonly string[], own: Notes): LocalBooks => {
  const saved = own.get(NOTE);
  const tallies = new Map(processors.map((id): [string, Tally] => [id, tallyFrom(saved, id)]));
  return {
    enter: (processor, books) => {
      const tally = tallies.get(processor);
      if (tally !== undefined) addTo(tally, books);
    },
    all: () => tallies,
    save: () => {
      own.set(NOTE, Object.fromEntries(tallies));
    },
  };
};

const tallyFrom = (saved: unknown, processor: string): Tally => {
  const tally = newTally();
  for (const column of BOOK_COLUMNS) tally[column] = Number(fieldOf(fieldOf(saved, processor), column) ?? 0);
  return tally;
};
