import { packed } from '../../codec/packed.ts';
import { newTally, type Books } from '../../engine/books.ts';
import { engine, type BatchResult, type Engine } from '../../engine/engine.ts';
import type { EnginePorts } from '../../engine/ports.ts';
import type { Processor } from '../../processor/processor.ts';
import type { Topology } from '../../processor/topology.ts';
import type { DeliveredRecord } from '../../stream/delivered-record.ts';
import { compareSequenceNumbers } from '../../stream/sequence-number.ts';
import { batchResponse } from '../batch-response.ts';
import { givenUpLetters, MAX_RETRIES } from '../given-up.ts';
import { localBooks } from './local-books.ts';
import { localCounters } from './local-counters.ts';
import { localOutputs, type LocalOutputs, type Put } from './local-outputs.ts';
import type { LocalStorage } from './local-storage.ts';
import { EventSourceMapping } from './mapping/event-source-mapping.ts';
import { localNames } from './mapping/mapping-names.ts';
import type { EventSourceMappingOptions, SimulationOptions } from './mapping/mapping-options.ts';
import { isMappingSnapshot, type MappingSnapshot } from './mapping/mapping-snapshot.ts';
import { notes, type Notes } from './notes.ts';
import { localTables, type ReferenceRows } from './reference-tables.ts';

/** What a local run is made of. */
export interface LocalRuntimeOptions {
  readonly topology: Topology;
  readonly storage: LocalStorage;
  readonly nowMs: () => number;
  /** Rows of the tables that are only read. */
  readonly reference?: ReferenceRows;
  /** Shards of each new stream; 1 to 10000. @default 4 */
  readonly shards?: number;
  /** How every processor's mapping behaves, beside what a topology needs anyway. */
  readonly mapping?: Partial<EventSourceMappingOptions> & SimulationOptions;
  /**
   * Makes what a mapping calls. `report` must be given each result whose response the mapping will see.
   * For tests, which make machines fail here.
   *
   * @default - one engine per processor, kept warm
   */
  readonly host?: (
    processor: Processor,
    makeEngine: MakeEngine,
    ports: EnginePorts,
    report: (result: BatchResult) => void,
  ) => Host;
  /** Told what is put into streams, in order; a crash between being told and the end of the transaction undoes both. */
  readonly observePut?: Put;
}

/** Makes a new engine of the processor, as a new Lambda environment would. */
export type MakeEngine = (ports: EnginePorts) => Engine;

/** Where a processor runs: its function, and the scheduled one that sweeps. */
interface Host {
  /** Resolves to the response that the mapping reads. */
  invoke(records: readonly DeliveredRecord[]): Promise<unknown>;
  sweep(which: 'idle' | 'all'): Promise<number>;
}

/** A topology running in this process, on an embedded log, under the rules of the event source mapping. */
export interface LocalRuntime {
  readonly topology: Topology;
  readonly storage: LocalStorage;
  readonly outputs: LocalOutputs;
  readonly notes: Notes;
  /** Puts records of one partition key, in order, packed into as few as they fit in. */
  produce(stream: string, partitionKey: string, payloads: readonly string[]): void;
  /**
   * Lets every processor take what there is, those before their readers, until nothing is left to do now. Returns when the
   * next thing is due, on the clock; undefined if nothing is. Rejects if the storage or the engine failed; the run is over then.
   */
  drain(): Promise<number | undefined>;
  /** Closes what partition keys hold that have been quiet long enough. Returns how many records that emitted. */
  sweep(): Promise<number>;
  /** Takes the end of input for what it is: every partition key counts as idle, until nothing is left to do. */
  flush(): Promise<void>;
  /** Per processor, since the storage was made. */
  books(): ReadonlyMap<string, Books>;
  /** Records put per stream, each repeat counted, since the storage was made. */
  puts(): ReadonlyMap<string, number>;
  /** Kinesis records per processor that its mapping has given up after all retries. */
  givenUp(): ReadonlyMap<string, number>;
  /** Records per processor that it has not taken yet. */
  lag(): ReadonlyMap<string, number>;
  /** Notes where everything stands; call it at the end of a transaction. */
  checkpoint(): void;
  /** Lets the log forget what no processor needs any more. */
  trim(): void;
}

/** How a topology needs its mappings to be: nothing is lost, nothing blocks, failures are reported lane by lane. */
const MAPPING = {
  batchSize: 10_000,
  startingPosition: 'TRIM_HORIZON',
  reportBatchItemFailures: true,
  bisectBatchOnFunctionError: true,
  maximumRetryAttempts: MAX_RETRIES,
  // One after the other: the work in hand stays small, and a run is the same each time.
  maximumConcurrency: 1,
} as const;

/** Starts a topology on this storage; it goes on where the storage stands. */
export const localRuntime = (options: LocalRuntimeOptions): LocalRuntime => {
  const { topology, storage, nowMs, reference = {}, shards = 4 } = options;
  const { log, database } = storage;
  const own = notes(database);
  const puts = localCounters('puts', own);
  const givenUp = localCounters('given up', own);
  const put: Put = (stream, partitionKey, payloads) => {
    log.put(stream, packed(partitionKey, payloads), nowMs());
    puts.add(stream, payloads.length);
    options.observePut?.(stream, partitionKey, payloads);
  };
  const outputs = localOutputs(database, put);
  const books = localBooks(
    topology.processors.map(({ id }) => id),
    own,
  );
  const ports: EnginePorts = { state: storage.state, outputs, tables: localTables(reference, storage.state), nowMs };

  // The storage of this process is no service that may be throttled or time out. If it fails, or the engine does, nothing that
  // is tried afterwards can be trusted: the run ends, and with it the transaction it is in.
  let broken: { readonly cause: unknown } | undefined;
  const warmHost: NonNullable<LocalRuntimeOptions['host']> = (_processor, makeEngine, given, report) => {
    const warm = makeEngine(given);
    return {
      invoke: async (records) => {
        if (broken !== undefined) throw broken.cause;
        try {
          const result = await warm.process(records);
          report(result);
          return batchResponse(result);
        } catch (cause) {
          broken = { cause };
          throw cause;
        }
      },
      sweep: (which) => warm.sweep(which),
    };
  };

  const known = new Set(log.streams());
  for (const { name } of topology.streams) if (!known.has(name)) log.createStream(name, { shards });

  const consumers = topology.processors.map((processor) => {
    const inputIsForeign = topology.sources.includes(processor.from);
    const makeEngine: MakeEngine = (given) => engine(processor, given, { inputIsForeign });
    const hosted = (options.host ?? warmHost)(processor, makeEngine, ports, (result) => {
      books.enter(processor.id, result.books);
    });
    const note = `mapping ${processor.id}`;
    const mapping = new EventSourceMapping({
      log,
      stream: processor.from.name,
      names: localNames(processor.from.name, processor.id),
      options: {
        ...MAPPING,
        onFailure: {
          kind: 's3',
          put: async (_key, document) => {
            const letters = givenUpLetters(document, processor);
            await outputs.keep(letters);
            givenUp.add(processor.id, letters.length);
          },
        },
        ...options.mapping,
      },
      invoke: ({ records }) => hosted.invoke(records),
      ...resumption(own.get(note)),
    });
    return { processor, hosted, mapping, note };
  });

  const drain = async (): Promise<number | undefined> => {
    for (let isMoving = true; isMoving;) {
      isMoving = false;
      for (const { mapping } of consumers) {
        while (await mapping.poll(nowMs())) isMoving = true;
        if (broken !== undefined) throw broken.cause;
      }
    }
    const due = consumers.flatMap(({ mapping }) => mapping.nextDueMs() ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  };
  const sweep = async (which: 'idle' | 'all'): Promise<number> => {
    let emitted = 0;
    for (const { hosted, processor } of consumers) {
      const swept = await hosted.sweep(which);
      books.enter(processor.id, { ...NOTHING, emitted: swept });
      emitted += swept;
    }
    return emitted;
  };

  return {
    topology,
    storage,
    outputs,
    notes: own,
    produce: put,
    drain,
    sweep: () => sweep('idle'),
    flush: async () => {
      do await drain();
      while ((await sweep('all')) > 0);
    },
    books: () => books.all(),
    puts: () => puts.all(),
    givenUp: () => givenUp.all(),
    lag: () => new Map(consumers.map(({ processor, mapping }): [string, number] => [processor.id, mapping.lag()])),
    checkpoint: () => {
      for (const { mapping, note } of consumers) own.set(note, mapping.snapshot());
      books.save();
      puts.save();
      givenUp.save();
    },
    trim: () => {
      for (const { name } of topology.streams) {
        const horizons = consumers
          .filter(({ processor }) => processor.from.name === name)
          .map(({ mapping }) => new Map(mapping.trimHorizon().map((one) => [one.shardId, one.throughSequenceNumber])));
        for (const { shardId } of log.shards(name)) {
          const through = lowest([log.latestSequenceNumber(name), ...horizons.map((horizon) => horizon.get(shardId))]);
          if (through !== undefined) log.trim(name, shardId, through);
        }
      }
    },
  };
};

const NOTHING: Books = newTally();

const resumption = (note: unknown): { readonly resumeFrom?: MappingSnapshot } => {
  if (note === undefined) return {};
  if (isMappingSnapshot(note)) return { resumeFrom: note };
  throw new TypeError('the storage holds positions of another version of Millrace: start with new storage');
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
