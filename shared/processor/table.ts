import type { Codec } from '../codec/codec.ts';
import { checkName } from '../stream/stream.ts';

/** The last value per key, queryable. Filled by a processor (`as`) or, as reference data, from outside. */
export interface Table<Row> {
  readonly kind: 'table';
  readonly name: string;
  readonly codec: Codec<Row>;
}

/**
 * Describes a table.
 *
 * `millrace run` writes its rows to `tables/NAME.jsonl`: a row that is an object as it is, so let it hold what its key is made of;
 * any other row, such as a number, as `{"key":...,"value":...}`.
 */
export const table = <Row>(name: string, codec: Codec<Row>): Table<Row> => ({
  kind: 'table',
  name: checkName('table', name),
  codec,
});

/** A read-only view on a table that a step is given: one row chosen by the record, or something made of all rows. */
export type Lookup<Value, Seen> = RowLookup<Value, Seen> | WholeLookup<Value, Seen>;

export interface RowLookup<Value, Seen> {
  readonly kind: 'row';
  readonly table: Table<unknown>;
  /** Key of the row this record needs. */
  keyOf(value: Value): string;
  view(row: unknown): Seen;
}

export interface WholeLookup<Value, Seen> {
  readonly kind: 'whole';
  readonly table: Table<unknown>;
  view(rows: readonly unknown[]): Seen;
  /** Never called: ties the look-up to the type of record it serves. */
  keyOf?(value: Value): string;
}

/** The row whose key the record names, or undefined where the table has none; rows of a batch are read together. */
export const rowOf = <Value, Row>(
  from: Table<Row>,
  keyOf: (value: Value) => string,
): Lookup<Value, Row | undefined> => ({
  kind: 'row',
  table: from,
  keyOf,
  view: (row) => (row === undefined ? undefined : checkedRow(from, row)),
});

/**
 * Something made of all rows, an index for example; made anew only when the table changes. For small tables: they are
 * held in memory whole.
 */
export const wholeTable = <Row, Seen>(
  from: Table<Row>,
  view: (rows: readonly Row[]) => Seen,
): Lookup<unknown, Seen> => ({
  kind: 'whole',
  table: from,
  view: (rows) => view(rows.map((row) => checkedRow(from, row))),
});

const checkedRow = <Row>(from: Table<Row>, row: unknown): Row => {
  const decoded = from.codec.fromData(row);
  if (decoded.kind === 'malformed') {
    throw new TypeError(
      `table '${from.name}' holds a row that is ${decoded.reason}: ${JSON.stringify(row)}; load it again`,
    );
  }
  return decoded.value;
};
