import type { FormerRow, TablePort } from '../../engine/ports.ts';
import type { StateStore } from '../../state/state-store.ts';

/** Rows of reference data by table name and key. */
export type ReferenceRows = Readonly<Record<string, ReadonlyMap<string, unknown>>>;

/** Tables of a local run. Rows of reference data may change while it runs. */
export interface LocalTables extends TablePort {
  /** Changes a row of reference data, or deletes it with undefined. Records that arrived before `atMs` still see what was there. */
  set(table: string, key: string, row: unknown, atMs: number): void;
}

/** A reference table, and what it was before its edits. */
interface Reference {
  version: number;
  rows: ReadonlyMap<string, unknown>;
  /** What `reference` answered last; another map is an edit. */
  given: ReadonlyMap<string, unknown>;
  /** Newest edit first. */
  former: readonly FormerRow[];
}

const NO_ROWS: ReadonlyMap<string, unknown> = new Map();

/**
 * Tables of a local run: reference data in memory, and what processors fill from the state store.
 *
 * A `reference` that is a function is asked again each time, and a table whose map is another one has changed. Former rows are
 * kept for `keepMs` after their edit, which must be as long as a stream can deliver a record again.
 */
export const localTables = (
  reference: ReferenceRows | (() => ReferenceRows),
  state: StateStore,
  clockMs: () => number,
  keepMs: number,
): LocalTables => {
  const known = new Map<string, Reference>();
  const given = typeof reference === 'function' ? reference : () => reference;

  const edit = (table: Reference, rows: ReadonlyMap<string, unknown>, keys: Iterable<string>, atMs: number): void => {
    const edits = Array.from(keys, (key): FormerRow => ({ key, untilMs: atMs, row: table.rows.get(key) }));
    table.former = [...edits, ...table.former.filter(({ untilMs }) => untilMs > atMs - keepMs)];
    table.rows = rows;
    table.version += 1;
  };
  const referenceOf = (name: string): Reference | undefined => {
    const rows = given()[name];
    const table = known.get(name);
    if (table === undefined) {
      if (rows === undefined) return undefined;
      const first = { version: 1, rows, given: rows, former: [] };
      known.set(name, first);
      return first;
    }
    if (rows !== undefined && rows !== table.given) {
      edit(table, rows, changedKeys(table.rows, rows), clockMs());
      table.given = rows;
    }
    return table;
  };
  const filled = async (
    table: string,
  ): Promise<{ readonly keys: readonly string[]; readonly rows: readonly unknown[] }> => {
    const keys: string[] = [];
    const rows: unknown[] = [];
    for await (const { key, state: text } of state.items(table)) {
      if (text === undefined) continue;
      keys.push(key);
      rows.push(JSON.parse(text));
    }
    return { keys, rows };
  };
  let reads = 0;

  return {
    rows: async (name, keys) => {
      const table = referenceOf(name);
      if (table !== undefined) return keys.map((key) => table.rows.get(key));
      const distinct = [...new Set(keys)];
      const items = await state.load(distinct.map((key) => ({ collection: name, partitionKey: '', key, isRow: true })));
      const rows = new Map(distinct.map((key, index): [string, unknown] => [key, rowIn(items[index]?.state)]));
      return keys.map((key) => rows.get(key));
    },
    all: async (name) => {
      const table = referenceOf(name);
      // A table that a processor fills may have changed since; it is read anew and gets a new version each time.
      if (table === undefined) return { version: ++reads, ...(await filled(name)) };
      return { version: table.version, keys: [...table.rows.keys()], rows: [...table.rows.values()] };
    },
    formerRows: (name, keys) => {
      const former = referenceOf(name)?.former ?? [];
      const asked = keys === 'all' ? undefined : new Set(keys);
      return Promise.resolve(asked === undefined ? former : former.filter(({ key }) => asked.has(key)));
    },
    set: (name, key, row, atMs) => {
      const table = referenceOf(name) ?? { version: 0, rows: NO_ROWS, given: NO_ROWS, former: [] };
      known.set(name, table);
      const rows = new Map(table.rows);
      if (row === undefined) rows.delete(key);
      else rows.set(key, row);
      edit(table, rows, [key], atMs);
    },
  };
};

const rowIn = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));

const changedKeys = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): readonly string[] => [
  ...[...before.keys()].filter((key) => before.get(key) !== after.get(key)),
  ...[...after.keys()].filter((key) => !before.has(key)),
];
