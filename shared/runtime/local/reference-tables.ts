import type { TablePort } from '../../engine/ports.ts';
import type { StateStore } from '../../state/state-store.ts';

/** Rows of reference data by table name and key. */
export type ReferenceRows = Readonly<Record<string, ReadonlyMap<string, unknown>>>;

/** Tables of a local run: reference data in memory, and what processors fill from the state store. */
export const localTables = (reference: ReferenceRows, state: StateStore): TablePort => {
  const all = new Map(
    Object.entries(reference).map(([table, rows]) => [table, { version: 1, rows: [...rows.values()] }]),
  );
  const filled = async (table: string): Promise<readonly [string, unknown][]> => {
    const rows: [string, unknown][] = [];
    for await (const { key, state: text } of state.items(table)) {
      if (text !== undefined) rows.push([key, JSON.parse(text)]);
    }
    return rows;
  };
  let reads = 0;
  return {
    rows: async (table, keys) => {
      const rows = reference[table] ?? new Map(await filled(table));
      return keys.map((key) => rows.get(key));
    },
    all: async (table) =>
      // A table that a processor fills may have changed since; it is read anew and gets a new version each time.
      all.get(table) ?? { version: ++reads, rows: (await filled(table)).map(([, row]) => row) },
  };
};
