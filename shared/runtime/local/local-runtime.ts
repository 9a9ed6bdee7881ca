import { packed } from '../../codec/packed.ts';
import { newTally, type Books } from '../../engine/books.ts';
import { engine } from '../../engine/engine.ts';
import type { EnginePorts } from '../../engine/ports.ts';
import type { Topology } from '../../processor/topology.ts';
import type { Stream } from '../../stream/stream.ts';
import { givenUpLetters } from '../given-up.ts';
import { arrivalClock } from './arrival-clock.ts';
import { openConsumer, trimmer, warmHost, type Consumer, type MakeEngine, type MakeHost } from './consumer.ts';
import { localOutputs, type LocalOutputs, type Put } from './local-outputs.ts';
import type { LocalStorage } from './local-storage.ts';
import type { PutResult } from './log/partitioned-log.ts';
import type { EventSourceMappingOptions, SimulationOptions } from './mapping/mapping-options.ts';
import { localBooks, localCounters, notes, type Notes } from './notes.ts';
import { localTables, type ReferenceRows } from './reference-tables.ts';
import { reader, type StreamReader } from './stream-reader.ts';

export type { MakeEngine } from './consumer.ts';

/** What a local run is made of. */
export interface LocalRuntimeOptions {
  readonly topology: Topology;
  readonly storage: LocalStorage;
  readonly nowMs: () => number;
  /** Rows of the tables that are only read. A function is asked again each time; see also {@link LocalRuntime.setRow}. */
  readonly reference?: ReferenceRows | (() => ReferenceRows);
  /** Shards of each new stream; 1 to 10000. @default 4 */
  readonly shards?: number;
  /**
   * How long streams keep records, in seconds; from 120. Records that were not taken an hour before that (half of it, where it is
   * shorter than two) are given up, as a deployment does. A replay has no retention.
   *
   * @default 86400, as on Kinesis
   */
  readonly retentionSeconds?: number;
  /** How every processor's mapping behaves, in addition to what a topology needs. */
  readonly mapping?: Partial<EventSourceMappingOptions> & SimulationOptions;
  /**
   * Makes what a mapping calls. For tests, which make machines fail here.
   *
   * @default - one engine per processor, kept warm
   */
  readonly host?: MakeHost;
  /** Called with what is put into streams, in order; a crash between the call and the end of the transaction undoes both. */
  readonly observePut?: Put;
}

/** A topology running in this process, on an embedded log, under the rules of the event source mapping. */
export interface LocalRuntime {
  readonly topology: Topology;
  readonly storage: LocalStorage;
  readonly outputs: LocalOutputs;
  readonly notes: Notes;
  /**
   * Puts records of one partition key, in order, packed into as few as they fit in.
   *
   * `arrivalMs` makes the run a replay: from then on its time is the latest arrival given, whatever the clock says. An arrival
   * before that counts as that. Returns where they are; several may be in one place.
   */
  produce(stream: string, partitionKey: string, payloads: readonly string[], arrivalMs?: number): readonly PutResult[];
  /**
   * Makes a reader of a stream: each time it is asked it answers with the values that are new, also while the run goes on. It begins
   * with what the log still has; see {@link LocalRuntime.trim}.
   */
  reader<Value>(stream: Stream<Value>): StreamReader<Value>;
  /** When a record that is put now arrives, in milliseconds since 1970. */
  arrivalMs(): number;
  /** Changes a row of reference data, or deletes it with undefined; records that were put before still see the former one. */
  setRow(table: string, key: string, row: unknown): void;
  /**
   * Lets every processor take what it can, upstream ones first, until nothing is left to do now. Returns when the next thing is
   * due, on the clock; undefined if nothing is. Rejects if the storage or an engine failed; the run is over then.
   */
  drain(): Promise<number | undefined>;
  /** Fires the timers of idle partition keys, of all with `'all'`. Returns how many records that emitted. */
  sweep(which?: 'idle' | 'all'): Promise<number>;
  /** Signals the end of input: fires the timers of every partition key, upstream processors first. */
  flush(): Promise<void>;
  /** Per processor, since the storage was made. */
  books(): ReadonlyMap<string, Books>;
  /** Records put per stream, each repeat counted, since the storage was made. */
  puts(): ReadonlyMap<string, number>;
  /** Kinesis records per processor that its mapping has given up. */
  givenUp(): ReadonlyMap<string, number>;
  /** Records per processor that it has not taken yet. */
  lag(): ReadonlyMap<string, number>;
  /** Notes where everything stands; call it at the end of a transaction. */
  checkpoint(): void;
  /**
   * Forgets what is not needed any more: records that every processor has passed or that the retention has, and state that has
   * been deleted for as long. Call it in the transaction of a {@link checkpoint}, after it.
   */
  trim(): void;
}

/** How a topology needs its mappings to be: nothing is lost, nothing blocks, failures are reported per partition key. */
const MAPPING = {
  batchSize: 10_000,
  startingPosition: 'TRIM_HORIZON',
  reportBatchItemFailures: true,
  bisectBatchOnFunctionError: true,
  maximumRetryAttempts: -1,
  // One after the other: the work in hand stays small, and a run is the same each time.
  maximumConcurrency: 1,
} as const;

const DAY_SECONDS = 86_400;
const MARGIN_SECONDS = 3_600;
const MAX_RECORD_AGE_SECONDS = 604_800;
const MIN_RETENTION_SECONDS = 120;

/** How often the end of input fires the timers of one processor, should they be set again each time. */
const MAX_SWEEPS = 100;

/** Starts a topology on this storage; it continues where the storage has it. */
export const localRuntime = (options: LocalRuntimeOptions): LocalRuntime => {
  const { topology, storage, reference = {}, shards = 4, retentionSeconds = DAY_SECONDS } = options;
  if (!(retentionSeconds >= MIN_RETENTION_SECONDS)) {
    throw new RangeError(
      `retentionSeconds must be at least ${String(MIN_RETENTION_SECONDS)}, got ${String(retentionSeconds)}`,
    );
  }
  const { log, database } = storage;
  const own = notes(database);
  const clock = arrivalClock(options.nowMs, own);
  const puts = localCounters('puts', own);
  const givenUp = localCounters('given up', own);
  const put = (stream: string, partitionKey: string, payloads: readonly string[]): readonly PutResult[] => {
    const places = log.put(stream, packed(partitionKey, payloads), clock.nowMs());
    puts.add(stream, payloads.length);
    options.observePut?.(stream, partitionKey, payloads);
    return places;
  };
  const outputs = localOutputs(database, put);
  const books = localBooks(
    topology.processors.map(({ id }) => id),
    own,
  );
  const retentionMs = retentionSeconds * 1_000;
  const tables = localTables(reference, storage.state, clock.nowMs, retentionMs);
  const ports: EnginePorts = { state: storage.state, outputs, tables, nowMs: clock.nowMs };

  const known = new Set(log.streams());
  for (const { name } of topology.streams) if (!known.has(name)) log.createStream(name, { shards });

  const warm = warmHost();
  const marginSeconds = Math.min(MARGIN_SECONDS, retentionSeconds / 2);
  const consumers = topology.processors.map((processor) => {
    const inputIsForeign = topology.sources.includes(processor.from);
    const makeEngine: MakeEngine = (given) => engine(processor, given, { inputIsForeign });
    const hosted = (options.host ?? warm.make)(processor, makeEngine, ports, (result) => {
      books.enter(processor.id, result.books);
    });
    const mapping = {
      ...MAPPING,
      maximumRecordAgeInSeconds: Math.min(MAX_RECORD_AGE_SECONDS, Math.floor(retentionSeconds - marginSeconds)),
      streamRetentionSeconds: Math.floor(retentionSeconds),
      recordClock: clock.ageClock,
      onFailure: {
        kind: 's3' as const,
        put: async (_key: string, document: string) => {
          const letters = givenUpLetters(document, processor);
          await outputs.deadLetter(letters);
          givenUp.add(processor.id, letters.length);
        },
      },
      ...options.mapping,
    };
    return openConsumer({ processor, hosted, log, own, options: mapping });
  });

  const drain = async (): Promise<number | undefined> => {
    for (let isMoving = true; isMoving;) {
      isMoving = false;
      for (const { mapping } of consumers) {
        while (await mapping.poll(options.nowMs())) isMoving = true;
        warm.check();
      }
    }
    const due = consumers.flatMap(({ mapping }) => mapping.nextDueMs() ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  };
  const sweepOne = async ({ hosted, processor }: Consumer, which: 'idle' | 'all'): Promise<number> => {
    const emitted = await hosted.sweep(which);
    books.enter(processor.id, { ...NOTHING, emitted });
    return emitted;
  };
  const trimLog = trimmer(topology, log, consumers);

  return {
    topology,
    storage,
    outputs,
    notes: own,
    produce: (stream, partitionKey, payloads, arrivalMs) => {
      if (arrivalMs !== undefined) clock.arrive(arrivalMs);
      return put(stream, partitionKey, payloads);
    },
    reader: (stream) => reader(log, stream),
    arrivalMs: clock.nowMs,
    setRow: (table, key, row) => {
      tables.set(table, key, row, clock.edit());
    },
    drain,
    sweep: async (which = 'idle') => {
      let emitted = 0;
      for (const consumer of consumers) emitted += await sweepOne(consumer, which);
      return emitted;
    },
    flush: async () => {
      await drain();
      // A processor comes after those that write what it reads, so its input is whole when its turn comes.
      for (const consumer of consumers) {
        for (let sweeps = 0; sweeps < MAX_SWEEPS && (await sweepOne(consumer, 'all')) > 0; sweeps += 1) await drain();
      }
    },
    books: () => books.all(),
    puts: () => puts.all(),
    givenUp: () => givenUp.all(),
    lag: () => new Map(consumers.map(({ processor, mapping }): [string, number] => [processor.id, mapping.lag()])),
    checkpoint: () => {
      for (const one of [...consumers, clock, books, puts, givenUp]) one.save();
    },
    trim: () => {
      // As long as a record waits for a processor, it may come to a state that was deleted long ago.
      const isWaiting = consumers.some(({ mapping }) => mapping.nextDueMs() !== undefined || mapping.lag() > 0);
      trimLog(isWaiting ? clock.ageClock(clock.nowMs()) - retentionMs : -Infinity);
      if (!isWaiting) storage.state.forget(clock.nowMs() - retentionMs);
    },
  };
};

const NOTHING: Books = newTally();
