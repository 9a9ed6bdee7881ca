import type { Processor } from '../../shared/processor/processor.ts';
import type { Lookup } from '../../shared/processor/table.ts';

/** What a processor touches beside its outputs, by name in the topology. */
export interface ProcessorNeeds {
  readonly reads: string;
  /** Tables it looks into, filled or reference, and how: rows by key, all rows, or both. */
  readonly looksInto: ReadonlyMap<string, ReadonlySet<Lookup<never, unknown>['kind']>>;
  /** The table that its states make up. */
  readonly fills: string | undefined;
  /** Whether it has items in the state table. States that make up a table are in that table only. */
  readonly keepsState: boolean;
  readonly hasTimers: boolean;
  /** Whether it may have to keep how far event time has come in its shards: it writes streams, and may change partition keys. */
  readonly keepsShards: boolean;
}

/** Derives from a processor's description what its function needs. */
export const needsOf = ({ from, to, tables, keyed }: Processor): ProcessorNeeds => ({
  reads: from.name,
  looksInto: new Map(
    [...Map.groupBy(Object.values(tables), ({ table }) => table.name)].map(([name, lookups]) => [
      name,
      new Set(lookups.map(({ kind }) => kind)),
    ]),
  ),
  fills: keyed?.as?.name,
  keepsState: keyed !== undefined && keyed.as === undefined,
  hasTimers: keyed?.timers !== undefined,
  keepsShards: Object.values(to).some(({ kind }) => kind === 'stream'),
});
