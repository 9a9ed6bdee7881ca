import type { Output } from '../outputs.ts';
import type { Processor, TimerOptions } from '../processor.ts';
import { destinations, type Topology } from '../topology.ts';
import type { WindowsDescription } from '../windows/windows.ts';

/** A topology as plain data, for people and programs that do not load its code. Lists keep the order of the topology. */
export interface TopologyDescription {
  readonly topology: string;
  readonly streams: readonly StreamDescription[];
  readonly processors: readonly ProcessorDescription[];
  readonly tables: readonly TableDescription[];
  /** Names of the tables that are only read. */
  readonly references: readonly string[];
  readonly notifications: readonly string[];
}

interface StreamDescription {
  readonly name: string;
  /** Of the records, as a media type. */
  readonly contentType: string;
  /** Ids of the processors that write it; none for a stream that records enter from outside. */
  readonly writtenBy: readonly string[];
  readonly readBy: readonly string[];
}

export interface ProcessorDescription {
  readonly id: string;
  readonly from: string;
  readonly outputs: readonly OutputDescription[];
  readonly lookups: readonly LookupDescription[];
  readonly onFault: Processor['onFault'];
  /** Absent where each record is looked at alone. */
  readonly state?: StateDescription;
}

interface OutputDescription {
  /** What the processor's step calls it. */
  readonly name: string;
  readonly kind: Output['kind'];
  readonly to: string;
}

interface LookupDescription {
  /** What the processor's step calls it. */
  readonly name: string;
  readonly table: string;
  /** One row chosen by the record, or all of them. */
  readonly rows: 'one' | 'all';
}

export interface StateDescription {
  /** Whether more than one partition key may bring one state key. */
  readonly fanIn: boolean;
  readonly windows?: WindowsDescription;
  readonly timers?: TimerOptions;
  /** The table that the states make up. */
  readonly table?: string;
}

interface TableDescription {
  readonly name: string;
  readonly filledBy: string;
}

/** Turns a topology into data: the same for every run, safe as JSON, names only where the topology has objects. */
export const describeTopology = (topology: Topology): TopologyDescription => ({
  topology: topology.name,
  streams: topology.streams.map((stream) => ({
    name: stream.name,
    contentType: stream.codec.contentType,
    writtenBy: topology.processors.filter((one) => destinations(one).includes(stream)).map(({ id }) => id),
    readBy: topology.processors.filter(({ from }) => from === stream).map(({ id }) => id),
  })),
  processors: topology.processors.map(describeProcessor),
  tables: topology.processors.flatMap(({ id, keyed }) =>
    keyed?.as === undefined ? [] : [{ name: keyed.as.name, filledBy: id }],
  ),
  references: topology.references.map(({ name }) => name),
  notifications: topology.notifications.map(({ name }) => name),
});

const describeProcessor = ({ id, from, to, tables, onFault, keyed }: Processor): ProcessorDescription => ({
  id,
  from: from.name,
  outputs: Object.entries(to).map(([name, output]) => ({ name, kind: output.kind, to: output.name })),
  lookups: Object.entries(tables).map(([name, { kind, table }]) => ({
    name,
    table: table.name,
    rows: kind === 'row' ? 'one' : 'all',
  })),
  onFault,
  ...(keyed !== undefined && {
    state: {
      fanIn: keyed.fanIn,
      ...(keyed.windows !== undefined && { windows: { ...keyed.windows } }),
      ...(keyed.timers !== undefined && { timers: { ...keyed.timers } }),
      ...(keyed.as !== undefined && { table: keyed.as.name }),
    },
  }),
});
