import { BOOK_COLUMNS, type Books } from '../../shared/engine/books.ts';
import { grouped } from './numbers.ts';
import { textTable, widthOf } from './text-table.ts';

/** What a column of the books is called where room is short. */
export const BOOK_HEADERS: Readonly<Record<keyof Books, string>> = {
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

/** Books as lines for people: a processor a row, every column, dense where the terminal has no room to be generous. */
export const booksTable = (processors: Readonly<Record<string, Books>>, columns: number): readonly string[] => {
  const rows = [
    ['processor', ...BOOK_COLUMNS.map((column) => BOOK_HEADERS[column])],
    ...Object.entries(processors).map(([id, books]) => [id, ...BOOK_COLUMNS.map((column) => grouped(books[column]))]),
  ];
  const roomy = textTable(rows, '  ');
  return widthOf(roomy) <= columns ? roomy : textTable(rows, ' ');
};
