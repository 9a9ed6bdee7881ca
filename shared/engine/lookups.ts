import type { Processor } from '../processor/processor.ts';
import type { RowLookup, WholeLookup } from '../processor/table.ts';
import type { Partition } from './batch.ts';
import type { FormerRow, TablePort, TableRows } from './ports.ts';

/** Gives the tables argument of a step for one value, as the rows were when its record arrived. */
export type TablesFor = (value: unknown, arrivalMs: number) => Readonly<Record<string, unknown>>;

const NOTHING = Object.freeze({});
export const noTables: TablesFor = () => NOTHING;

type Reader = (value: unknown, arrivalMs: number) => unknown;

/**
 * Returns a function that reads, for one batch, every row its records need: one read per table. Views of whole tables are kept
 * until the table changes.
 *
 * A record sees rows as they were when it arrived: an edit between two attempts of a batch must not change what a record
 * emits. A view that cannot be made is the fault of the records that ask for it and of no others.
 */
export const lookupLoader = (
  processor: Processor,
  port: TablePort,
): ((partitions: readonly Partition[]) => Promise<TablesFor>) => {
  const entries = Object.entries(processor.tables);
  if (entries.length === 0) return () => Promise.resolve(noTables);
  const wholes = new Map<string, { readonly version: number; readonly view: RowView }>();

  const wholeReader = async (
    name: string,
    lookup: WholeLookup<unknown, unknown>,
    earliestMs: number,
  ): Promise<Reader> => {
    const table = lookup.table.name;
    const [rows, former] = await Promise.all([port.all(table), port.formerRows?.(table, 'all') ?? []]);
    const known = wholes.get(name);
    const now = known?.version === rows.version ? known.view : viewOf(() => lookup.view(rows.rows));
    wholes.set(name, { version: rows.version, view: now });
    const edits = former.filter(({ untilMs }) => untilMs > earliestMs);
    if (edits.length === 0) return () => unwrap(now);
    const past = pastViews(edits, (undone) => viewOf(() => lookup.view(rowsBefore(rows, undone))));
    return (_value, arrivalMs) => unwrap(past(arrivalMs) ?? now);
  };

  const rowReader = async (
    lookup: RowLookup<unknown, unknown>,
    partitions: readonly Partition[],
    earliestMs: number,
  ): Promise<Reader> => {
    const table = lookup.table.name;
    const keys = [...distinctKeys(lookup, partitions)];
    const [rows, former] = await Promise.all([port.rows(table, keys), port.formerRows?.(table, keys) ?? []]);
    const now = new Map(keys.map((key, index) => [key, viewOf(() => lookup.view(rows[index]))]));
    const edits = Map.groupBy(
      former.filter(({ untilMs }) => untilMs > earliestMs),
      ({ key }) => key,
    );
    const past = new Map(
      Array.from(edits, ([key, ofKey]) => [
        key,
        pastViews(ofKey, (undone) => viewOf(() => lookup.view(undone.at(-1)?.row))),
      ]),
    );
    return (value, arrivalMs) => {
      const key = lookup.keyOf(value);
      return unwrap(past.get(key)?.(arrivalMs) ?? now.get(key));
    };
  };

  return async (partitions) => {
    const earliestMs = earliestArrivalMs(partitions);
    const readers = await Promise.all(
      entries.map(async ([name, lookup]): Promise<[string, Reader]> => [
        name,
        lookup.kind === 'row'
          ? await rowReader(lookup, partitions, earliestMs)
          : await wholeReader(name, lookup, earliestMs),
      ]),
    );
    return (value, arrivalMs) => {
      const tables: Record<string, unknown> = {};
      for (const [name, read] of readers) tables[name] = read(value, arrivalMs);
      return tables;
    };
  };
};

/** A view of rows, or the error of making it. */
type RowView =
  { readonly kind: 'view'; readonly view: unknown } | { readonly kind: 'refused'; readonly because: unknown };

const viewOf = (make: () => unknown): RowView => {
  try {
    return { kind: 'view', view: make() };
  } catch (because) {
    return { kind: 'refused', because };
  }
};

const unwrap = (view: RowView | undefined): unknown => {
  if (view?.kind === 'refused') throw view.because;
  return view?.view;
};

/** Views before edits, newest edit first; undefined for a record that arrived after all of them. One view per edit at most. */
const pastViews = (
  edits: readonly FormerRow[],
  make: (undone: readonly FormerRow[]) => RowView,
): ((arrivalMs: number) => RowView | undefined) => {
  const newestFirst = [...edits].sort((one, other) => other.untilMs - one.untilMs);
  const made = new Map<number, RowView>();
  return (arrivalMs) => {
    let count = 0;
    while (count < newestFirst.length && (newestFirst[count]?.untilMs ?? -Infinity) > arrivalMs) count += 1;
    if (count === 0) return undefined;
    const view = made.get(count) ?? make(newestFirst.slice(0, count));
    made.set(count, view);
    return view;
  };
};

/** All rows as they were before some edits, which are undone newest first. */
const rowsBefore = ({ rows, keys }: TableRows, undone: readonly FormerRow[]): readonly unknown[] => {
  if (keys === undefined) throw new TypeError('a table with former rows must give the keys of all its rows');
  const before = new Map(keys.map((key, index) => [key, rows[index]]));
  for (const { key, row } of undone) {
    if (row === undefined) before.delete(key);
    else before.set(key, row);
  }
  // Rows come ordered by key, and must again, or a step that goes through them would emit in another order.
  return [...before].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
};

const earliestArrivalMs = (partitions: readonly Partition[]): number => {
  let earliestMs = Infinity;
  for (const { events } of partitions)
    for (const { record } of events) earliestMs = Math.min(earliestMs, record.arrivalMs);
  return earliestMs;
};

/** Keys that cannot be computed are left out: the step that asks for such a row fails by itself. */
const distinctKeys = (lookup: RowLookup<unknown, unknown>, partitions: readonly Partition[]): Set<string> => {
  const keys = new Set<string>();
  for (const { events } of partitions) {
    for (const { fault, outcome, value } of events) {
      if (fault !== undefined || outcome !== undefined) continue;
      const key = viewOf(() => lookup.keyOf(value));
      if (key.kind === 'view' && typeof key.view === 'string') keys.add(key.view);
    }
  }
  return keys;
};
