import { BOOK_COLUMNS, type Books } from '../../shared/engine/books.ts';
import { grouped } from '../text/numbers.ts';
import { textTable, widthOf } from './terminal.ts';

/** What a column of the books is called where room is short. */
const BOOK_HEADERS: Readonly<Record<keyof Books, string>> = {
  in: 'in',
  applied: 'applied',
  filtered: 'filtered',
  duplicate: 'dupl.',
  late: 'late',
  invalid: 'invalid',
  deadLettered: 'dead',
  held: 'held',
  emitted: 'emitted',
};

/**
 * Books as lines for people: a processor a row, every column. Dense where the terminal has no room to be generous, and where that is
 * not enough without the columns that hold nothing but zeros.
 */
export const booksTable = (processors: Readonly<Record<string, Books>>, columns: number): readonly string[] => {
  const all = Object.values(processors);
  const filled = BOOK_COLUMNS.filter((column) => ALWAYS.has(column) || all.some((books) => books[column] !== 0));
  const render = (shown: readonly (keyof Books)[], gap: string): readonly string[] =>
    textTable(
      [
        ['processor', ...shown.map((column) => BOOK_HEADERS[column])],
        ...Object.entries(processors).map(([id, books]) => [id, ...shown.map((column) => grouped(books[column]))]),
      ],
      gap,
    );
  const tries = [render(BOOK_COLUMNS, '  '), render(BOOK_COLUMNS, ' '), render(filled, '  ')];
  return tries.find((lines) => widthOf(lines) <= columns) ?? render(filled, ' ');
};

/** Columns that say something even where they are zero. */
const ALWAYS: ReadonlySet<string> = new Set(['in', 'applied']);

/** One processor as the live view shows it. */
export interface ProcessorRow {
  readonly id: string;
  /** Records per second, of late. */
  readonly rate: number;
  readonly lag: number;
  readonly books: Books;
}

interface Column {
  readonly head: string;
  readonly values: readonly number[];
  /** Shown also where all of it is 0 and room is short. */
  readonly isNeeded: boolean;
}

// Rates change all the time; the table would jump if the column were only as wide as what is in it.
const RATE_CHARS = 7;

/** Lines of a table, the heads first; at most `columns` wide where leaving out columns of zeros allows it. */
export const booksRows = (topology: string, rows: readonly ProcessorRow[], columns: number): readonly string[] => {
  const all: readonly Column[] = [
    { head: 'rate/s'.padStart(RATE_CHARS), values: rows.map(({ rate }) => rate), isNeeded: true },
    { head: 'lag', values: rows.map(({ lag }) => lag), isNeeded: true },
    ...BOOK_COLUMNS.map((column) => ({
      head: BOOK_HEADERS[column],
      values: rows.map(({ books }) => books[column]),
      isNeeded: column === 'in' || column === 'applied',
    })),
  ];
  // Ids mostly begin with the topology's name, which is shown above the table.
  const names = rows.map(({ id }) => (id.startsWith(`${topology}/`) ? id.slice(topology.length + 1) : id));
  const render = (shown: readonly Column[], gap: string): readonly string[] =>
    textTable(
      [
        ['processor', ...shown.map(({ head }) => head)],
        ...names.map((name, at) => [name, ...shown.map(({ values }) => grouped(values[at] ?? 0))]),
      ],
      gap,
    );
  const roomy = render(all, '  ');
  if (widthOf(roomy) <= columns) return roomy;
  const filled = all.filter(({ values, isNeeded }) => isNeeded || values.some((value) => value !== 0));
  const shorter = render(filled, '  ');
  return widthOf(shorter) <= columns ? shorter : render(filled, ' ');
};
