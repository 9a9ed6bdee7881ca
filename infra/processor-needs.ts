import type { Processor } from '../shared/processor/processor.ts';
import type { Lookup } from '../shared/processor/table.ts';

/** What a processor touches, as its description says it; names of the topology, each once. */
export interface ProcessorNeeds {
  readonly reads: string;
  readonly writes: readonly string[];
  readonly notifies: readonly string[];
  /** Tables it looks into, filled or reference: at rows of which it knows the keys, at all rows, or both. */
  readonly looksInto: ReadonlyMap<string, ReadonlySet<Lookup<never, unknown>['kind']>>;
  /** The table that its states make up. */
  readonly fills: string | undefined;
  /** State of its own, in the table of states. States that make up a table are there, and nowhere else. */
  readonly keepsState: boolean;
  readonly hasTimers: boolean;
}

/** Reads off a processor's description what its function needs. */
export const needsOf = ({ from, to, tables, keyed }: Processor): ProcessorNeeds => {
  const outputs = Object.values(to);
  return {
    reads: from.name,
    writes: outputs.filter(({ kind }) => kind === 'stream').map(({ name }) => name),
    notifies: outputs.filter(({ kind }) => kind === 'notification').map(({ name }) => name),
    looksInto: new Map(
      [...Map.groupBy(Object.values(tables), ({ table }) => table.name)].map(([name, lookups]) => [
        name,
        new Set(lookups.map(({ kind }) => kind)),
      ]),
    ),
    fills: keyed?.as?.name,
    keepsState: keyed !== undefined && keyed.as === undefined,
    hasTimers: keyed?.timers !== undefined,
  };
};
