import type { BatchResult, Engine } from '../../engine/engine.ts';
import type { EnginePorts } from '../../engine/ports.ts';
import type { Processor } from '../../processor/processor.ts';
import type { Topology } from '../../processor/topology.ts';
import type { DeliveredRecord } from '../../stream/delivered-record.ts';
import { compareSequenceNumbers } from '../../stream/sequence-number.ts';
import { batchResponse } from '../batch-response.ts';
import { fieldOf } from '../field-of.ts';
import type { PartitionedLog } from './log/partitioned-log.ts';
import { EventSourceMapping } from './mapping/event-source-mapping.ts';
import { localNames } from './mapping/kinesis-event.ts';
import type { EventSourceMappingOptions, SimulationOptions } from './mapping/mapping-options.ts';
import { isMappingSnapshot, type MappingSnapshot } from './mapping/mapping-snapshot.ts';
import type { Notes } from './notes.ts';

/** Makes a new engine of the processor, as a new Lambda environment would. */
export type MakeEngine = (ports: EnginePorts) => Engine;

/** Where a processor runs: its function, and the scheduled one that sweeps. */
interface Host {
  /** Resolves to the response that the mapping reads. */
  invoke(records: readonly DeliveredRecord[]): Promise<unknown>;
  sweep(which: 'idle' | 'all'): Promise<number>;
}

/** Makes what a mapping calls. `report` must be given each result whose response the mapping will see. */
export type MakeHost = (
  processor: Processor,
  makeEngine: MakeEngine,
  ports: EnginePorts,
  report: (result: BatchResult) => void,
) => Host;

/** A host with one engine, kept warm, and what ended the run. */
export interface WarmHost {
  readonly make: MakeHost;
  /** Throws what the storage or an engine failed with, if one did. */
  readonly check: () => void;
}

/**
 * The storage of this process is no service that may be throttled or time out. If it fails, or an engine does, nothing that is
 * tried afterwards can be trusted: the run ends, and with it the transaction it is in.
 */
export const warmHost = (): WarmHost => {
  let broken: { readonly cause: unknown } | undefined;
  const check = (): void => {
    if (broken !== undefined) throw broken.cause;
  };
  return {
    check,
    make: ({ id }, makeEngine, ports, report) => {
      const warm = makeEngine(ports);
      return {
        invoke: async (records) => {
          check();
          try {
            const result = await warm.process(records);
            report(result);
            return batchResponse(result);
          } catch (cause) {
            broken = { cause: failureOf(id, cause) };
            throw broken.cause;
          }
        },
        sweep: async (which) => {
          try {
            return await warm.sweep(which);
          } catch (cause) {
            throw failureOf(id, cause);
          }
        },
      };
    },
  };
};

/** The failure of an engine, with its processor; one of the system or of SQLite says itself what is wrong. */
const failureOf = (processor: string, cause: unknown): unknown =>
  fieldOf(cause, 'code') === undefined
    ? new Error(`processor '${processor}' failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    : cause;

/** A processor, what feeds it, and what it runs on. */
export interface Consumer {
  readonly processor: Processor;
  readonly hosted: Host;
  readonly mapping: EventSourceMapping;
  /** Notes where the mapping stands, as far as that has changed. */
  readonly save: () => void;
}

/** What a consumer is made of. */
export interface ConsumerParts {
  readonly processor: Processor;
  readonly hosted: Host;
  readonly log: PartitionedLog;
  readonly own: Notes;
  readonly options: EventSourceMappingOptions & SimulationOptions;
}

/** Feeds a processor from where the notes have it. */
export const openConsumer = ({ processor, hosted, log, own, options }: ConsumerParts): Consumer => {
  const note = `mapping ${processor.id}`;
  const stream = processor.from.name;
  const mapping = new EventSourceMapping({
    log,
    stream,
    names: localNames(stream, processor.id),
    options,
    invoke: ({ records }) => hosted.invoke(records),
    ...resumption(
      own.get(note),
      log.shards(stream).map(({ shardId }) => own.get(`${note} ${shardId}`)),
    ),
  });
  return {
    processor,
    hosted,
    mapping,
    save: () => {
      const { shards, ...head } = mapping.snapshotOfChanges();
      own.set(note, { ...head, shards: [] });
      for (const shard of shards) own.set(`${note} ${shard.shardId}`, shard);
    },
  };
};

/** A shard is noted by itself: of thousands, few change from one checkpoint to the next. */
const resumption = (head: unknown, shards: readonly unknown[]): { readonly resumeFrom?: MappingSnapshot } => {
  if (typeof head !== 'object' || head === null) return {};
  const snapshot: unknown = { ...head, shards: shards.filter((shard) => shard !== undefined) };
  if (isMappingSnapshot(snapshot)) return { resumeFrom: snapshot };
  throw new TypeError('the storage holds positions of another version of Millrace: start with new storage');
};

/** Makes what trims the log to the slowest consumer of each stream, and forgets records that arrived before a time. */
export const trimmer = (
  { streams }: Pick<Topology, 'streams'>,
  log: PartitionedLog,
  consumers: readonly Consumer[],
): ((expiredBeforeMs: number) => void) => {
  const done = new Map<string, string>();
  return (expiredBeforeMs) => {
    for (const { name } of streams) {
      const latest = log.latestSequenceNumber(name);
      const horizons = consumers
        .filter(({ processor }) => processor.from.name === name)
        .map(({ mapping }) => new Map(mapping.trimHorizon().map((one) => [one.shardId, one.throughSequenceNumber])));
      for (const shardId of log.shardsAfter(name, undefined)) {
        const through = lowest([latest, ...horizons.map((horizon) => horizon.get(shardId))]);
        const id = `${name} ${shardId}`;
        if (through !== undefined && through !== done.get(id)) {
          log.trim(name, shardId, through);
          done.set(id, through);
        }
        if (through !== latest && expiredBeforeMs > -Infinity) log.expire(name, shardId, expiredBeforeMs);
      }
    }
  };
};

/** The lowest of some positions in a shard; undefined as soon as one of them is at its very beginning. */
const lowest = (positions: readonly (string | undefined)[]): string | undefined => {
  const [first, ...others] = positions;
  return others.reduce(
    (low, one) =>
      low === undefined || one === undefined ? undefined : compareSequenceNumbers(one, low) < 0 ? one : low,
    first,
  );
};
