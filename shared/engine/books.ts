/**
 * Where the records of a processor went. Counts of deliveries, so a record that is delivered twice counts twice in `in`
 * and once in `duplicate`. Every delivery is in exactly one column between `in` and `emitted`.
 */
export interface Books {
  readonly in: number;
  readonly applied: number;
  readonly filtered: number;
  readonly duplicate: number;
  readonly late: number;
  readonly invalid: number;
  readonly deadLettered: number;
  /** Delivered, not taken, to be delivered again. */
  readonly held: number;
  /** Records and messages written, not part of the balance. */
  readonly emitted: number;
}

/** Books while they are being written. */
export type Tally = { -readonly [Column in keyof Books]: Books[Column] };

export const newTally = (): Tally => ({
  in: 0,
  applied: 0,
  filtered: 0,
  duplicate: 0,
  late: 0,
  invalid: 0,
  deadLettered: 0,
  held: 0,
  emitted: 0,
});

/** The columns in the order in which books are shown. */
export const BOOK_COLUMNS = [
  'in',
  'applied',
  'filtered',
  'duplicate',
  'late',
  'invalid',
  'deadLettered',
  'held',
  'emitted',
] as const satisfies readonly (keyof Books)[];

/** Adds one set of books to another, in place. */
export const addTo = (tally: Tally, books: Books): void => {
  for (const column of BOOK_COLUMNS) tally[column] += books[column];
};

/**
 * How many records the books lack (above 0) or have too many of (below 0); 0 where they balance.
 *
 * @example
 * ```ts
 * missing({ ...newTally(), in: 3, applied: 2, late: 1 }); // 0
 * missing({ ...newTally(), in: 3, applied: 2 }); // 1
 * ```
 */
export const missing = (books: Books): number =>
  books.in -
  (books.applied + books.filtered + books.duplicate + books.late + books.invalid + books.deadLettered + books.held);
