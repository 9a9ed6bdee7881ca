import type { FormerRow, TablePort } from '../../../shared/engine/ports.ts';

/** For how long an environment keeps the table as it read it, on its own clock. */
const CACHE_MS = 60_000;
/** An edit counts for records that arrive this long after it: by then every environment has read the table again. */
const DELAY_MS = 2 * CACHE_MS;

interface Snapshot {
  readonly version: number;
  readonly keys: readonly string[];
  readonly rows: readonly unknown[];
  readonly former: readonly FormerRow[];
}

/** A table of reference data that is edited while records are under way; each environment has a cache of it. */
export class EditedTable<Row> {
  readonly #rows: Map<string, Row>;
  #former: readonly FormerRow[] = [];
  #lastMs = -Infinity;
  #version = 1;
  /** What counts from when on, oldest first. */
  readonly #history: { readonly fromMs: number; readonly rows: readonly Row[] }[];

  constructor(rows: ReadonlyMap<string, Row>) {
    this.#rows = new Map(rows);
    this.#history = [{ fromMs: -Infinity, rows: this.#ordered() }];
  }

  /** Changes a row, or takes it away with undefined. */
  edit(key: string, row: Row | undefined, nowMs: number): void {
    const untilMs = Math.max(nowMs + DELAY_MS, this.#lastMs);
    this.#former = [{ key, untilMs, row: this.#rows.get(key) }, ...this.#former];
    if (row === undefined) this.#rows.delete(key);
    else this.#rows.set(key, row);
    this.#lastMs = untilMs;
    this.#version += 1;
    this.#history.push({ fromMs: untilMs, rows: this.#ordered() });
  }

  /** The rows that a record sees which arrived then. */
  at(arrivalMs: number): readonly Row[] {
    return this.#history.findLast(({ fromMs }) => fromMs <= arrivalMs)?.rows ?? [];
  }

  /** The table as one environment sees it. */
  portFor(nowMs: () => number): TablePort {
    let cached: { readonly untilMs: number; readonly table: Snapshot } | undefined;
    const read = (): Snapshot => {
      if (cached === undefined || cached.untilMs <= nowMs()) {
        cached = { untilMs: nowMs() + CACHE_MS, table: this.#snapshot() };
      }
      return cached.table;
    };
    return {
      rows: (_table, keys) => {
        const { keys: known, rows } = read();
        return Promise.resolve(keys.map((key) => rows[known.indexOf(key)]));
      },
      all: () => Promise.resolve(read()),
      formerRows: () => Promise.resolve(read().former),
    };
  }

  #snapshot(): Snapshot {
    const keys = [...this.#rows.keys()].sort();
    return { version: this.#version, keys, rows: keys.map((key) => this.#rows.get(key)), former: this.#former };
  }

  #ordered(): readonly Row[] {
    return [...this.#rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
  }
}
