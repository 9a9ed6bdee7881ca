import { physicalStream } from '../stream/merged.ts';
import type { Stream } from '../stream/stream.ts';
import type { Notification } from './notification.ts';
import type { Output } from './outputs.ts';
import type { Processor } from './processor.ts';
import type { Table } from './table.ts';

/** A pipeline, as data. Handlers, infrastructure, the embedded run, the test driver and the picture all come from it. */
export interface Topology {
  readonly name: string;
  /** In the order data flows: a processor comes after those that write what it reads. */
  readonly processors: readonly Processor[];
  readonly streams: readonly Stream<unknown>[];
  /** Streams that no processor writes: here records come in. */
  readonly sources: readonly Stream<unknown>[];
  /** Tables that a processor fills. */
  readonly tables: readonly Table<unknown>[];
  /** Tables that are only read: reference data, loaded from outside. */
  readonly references: readonly Table<unknown>[];
  readonly notifications: readonly Notification<unknown>[];
}

/**
 * Puts processors together to a pipeline.
 *
 * Throws where the description cannot run: two processors of one id, one name for two different things, a reference
 * table that is also filled, or processors that feed each other in a circle.
 */
export const topology = (name: string, processors: readonly Processor[]): Topology => {
  const things = new Map<string, Thing>();
  const register = (thing: Thing): void => {
    const other = things.get(thing.name);
    if (other !== undefined && other !== thing) {
      throw new RangeError(
        `topology '${name}' has two different definitions named '${thing.name}': share one, or rename`,
      );
    }
    things.set(thing.name, thing);
  };
  const ids = new Set<string>();
  for (const processor of processors) {
    if (ids.has(processor.id))
      throw new RangeError(`topology '${name}' has two processors with the id '${processor.id}'`);
    ids.add(processor.id);
    register(processor.from);
    destinations(processor).forEach(register);
    Object.values(processor.tables).forEach((lookup) => {
      register(lookup.table);
    });
    if (processor.keyed?.as !== undefined) register(processor.keyed.as);
  }
  const streams = [...things.values()].filter((thing) => thing.kind === 'stream');
  const tables = [...new Set(processors.flatMap(({ keyed }) => (keyed?.as === undefined ? [] : [keyed.as])))];
  const looked = new Set(processors.flatMap((one) => Object.values(one.tables).map(({ table }) => table)));
  const written = new Set<Thing>(processors.flatMap(destinations));
  for (const one of tables) {
    if (processors.filter(({ keyed }) => keyed?.as === one).length > 1) {
      throw new RangeError(`table '${one.name}' is filled by more than one processor: give each a table of its own`);
    }
  }
  return {
    name,
    processors: inFlowOrder(name, processors),
    streams,
    sources: streams.filter((one) => !written.has(one)),
    tables,
    references: [...looked].filter((one) => !tables.includes(one)),
    notifications: [...things.values()].filter((thing) => thing.kind === 'notification'),
  };
};

type Thing = Stream<unknown> | Table<unknown> | Notification<unknown>;

/** Where a processor's records go: for an input of a merged stream, the merged stream. */
export const destinations = ({ to }: Processor): readonly Output[] =>
  Object.values(to).map((output) => (output.kind === 'stream' ? physicalStream(output) : output));

const inFlowOrder = (name: string, processors: readonly Processor[]): readonly Processor[] => {
  const ordered: Processor[] = [];
  let left = [...processors];
  while (left.length > 0) {
    const pending = new Set<Output>(left.flatMap(destinations));
    const ready = left.filter((one) => !pending.has(one.from));
    if (ready.length === 0) {
      const circle = left.map(({ id }) => `'${id}'`).join(', ');
      throw new RangeError(`topology '${name}' has processors that feed each other in a circle: ${circle}`);
    }
    ordered.push(...ready);
    left = left.filter((one) => !ready.includes(one));
  }
  return ordered;
};

/** Streams that no processor reads: what a topology is for, and what it refuses. */
export const unreadStreams = ({ streams, processors }: Topology): readonly Stream<unknown>[] =>
  streams.filter((one) => !processors.some(({ from }) => from === one));
