import type { Processor } from '../processor/processor.ts';
import type { RowLookup, WholeLookup } from '../processor/table.ts';
import { stepFault, type LaneEvents } from './event.ts';
import type { TablePort } from './ports.ts';

/** Gives the tables argument of a step for one value. */
export type TablesFor = (value: unknown) => Readonly<Record<string, unknown>>;

const NOTHING = Object.freeze({});
const noTables: TablesFor = () => NOTHING;

/**
 * Returns a function that reads, for one batch, every row its records need: one read a table. A record whose key cannot be
 * found out gets a fault; views of whole tables are kept until the table changes.
 */
export const lookupLoader = (
  processor: Processor,
  port: TablePort,
): ((lanes: readonly LaneEvents[]) => Promise<TablesFor>) => {
  const entries = Object.entries(processor.tables);
  if (entries.length === 0) return () => Promise.resolve(noTables);
  const views = new Map<string, { readonly version: number; readonly view: unknown }>();

  const wholeView = async (name: string, lookup: WholeLookup<unknown, unknown>): Promise<unknown> => {
    const { version, rows } = await port.all(lookup.table.name);
    const known = views.get(name);
    if (known?.version === version) return known.view;
    const made = lookup.view(rows);
    views.set(name, { version, view: made });
    return made;
  };
  const rowViews = async (
    lookup: RowLookup<unknown, unknown>,
    lanes: readonly LaneEvents[],
  ): Promise<Map<string, Seen>> => {
    const keys = [...distinctKeys(lookup, lanes)];
    const rows = await port.rows(lookup.table.name, keys);
    return new Map(keys.map((key, index) => [key, seenAs(lookup, rows[index])]));
  };

  return async (lanes) => {
    const readers = await Promise.all(
      entries.map(async ([name, lookup]): Promise<[string, (value: unknown) => unknown]> => {
        if (lookup.kind === 'row') {
          const seen = await rowViews(lookup, lanes);
          return [name, (value) => shown(seen.get(lookup.keyOf(value)))];
        }
        const seen = await wholeView(name, lookup);
        return [name, () => seen];
      }),
    );
    return (value) => {
      const tables: Record<string, unknown> = {};
      for (const [name, read] of readers) tables[name] = read(value);
      return tables;
    };
  };
};

/** A row as a step is shown it; or why it cannot be, which is the fault of the records that ask for it and of no others. */
type Seen = { readonly kind: 'view'; readonly view: unknown } | { readonly kind: 'refused'; readonly because: unknown };

const seenAs = (lookup: RowLookup<unknown, unknown>, row: unknown): Seen => {
  try {
    return { kind: 'view', view: lookup.view(row) };
  } catch (because) {
    return { kind: 'refused', because };
  }
};

const shown = (seen: Seen | undefined): unknown => {
  if (seen?.kind === 'refused') throw seen.because;
  return seen?.view;
};

const distinctKeys = (lookup: RowLookup<unknown, unknown>, lanes: readonly LaneEvents[]): Set<string> => {
  const keys = new Set<string>();
  for (const { events } of lanes) {
    for (const event of events) {
      if (event.fault !== undefined) continue;
      try {
        keys.add(lookup.keyOf(event.value));
      } catch (thrown) {
        event.fault = stepFault(thrown);
      }
    }
  }
  return keys;
};
