import type { Codec } from '../codec/codec.ts';
import type { Books } from '../engine/books.ts';
import { isDeadLetter, type DeadLetter } from '../engine/dead-letter.ts';
import type { Message } from '../processor/notification.ts';
import { collectionOf, type Processor } from '../processor/processor.ts';
import type { Table } from '../processor/table.ts';
import type { Topology } from '../processor/topology.ts';
import { localRuntime, type LocalRuntimeOptions } from '../runtime/local/local-runtime.ts';
import { memoryStorage } from '../runtime/local/local-storage.ts';
import { reader } from '../runtime/local/stream-reader.ts';
import type { Stream } from '../stream/stream.ts';
import { faultHost, InputFault, type FaultSchedule } from './fault-host.ts';
import { frozen } from './frozen.ts';

/** What a test driver is made with. */
export interface TestDriverOptions extends Pick<LocalRuntimeOptions, 'mapping' | 'shards'> {
  /** Rows of the tables that are only read, by table name and key. */
  readonly tables?: LocalRuntimeOptions['reference'];
  /**
   * `new`: each batch runs in a new environment, so state is read back from the store every time. `warm`: one environment per
   * processor, as on a quiet day. Both must give the same.
   *
   * @default 'new'
   */
  readonly environments?: 'new' | 'warm';
  /** Where the virtual clock starts, in milliseconds since 1970. @default 2030-01-01 */
  readonly startMs?: number;
}

/** A stream of the topology under test. */
export interface DriverStream<Value> {
  /**
   * Puts values in, in order, and lets every processor take them. A fault among them strikes while what comes before it is
   * processed.
   */
  pipe(...items: readonly (Value | InputFault)[]): Promise<void>;
  /** Puts bytes in as they are: what a foreign producer could send. */
  pipeBytes(partitionKey: string, ...payloads: readonly (string | Uint8Array)[]): Promise<void>;
  /** What a reader sees that drops repeats, since the last call; the first call on each `stream(...)` reads from the beginning. */
  read(): readonly Value[];
  /** The same with repeats. */
  readAll(): readonly Value[];
}

/** A whole topology in memory, on a virtual clock, under the rules of the event source mapping. */
export interface TestDriver {
  stream<Value>(stream: Stream<Value>): DriverStream<Value>;
  /** Rows by key. */
  table<Row>(table: Table<Row>): Promise<ReadonlyMap<string, Row>>;
  /** State of one state key of a processor (of windows: `windowKey(key, window)`); undefined where it has none. */
  state(processor: Processor, key: string): Promise<unknown>;
  /** Timers of a processor by state key: event time in milliseconds. */
  timers(processor: Processor): Promise<ReadonlyMap<string, number>>;
  deadLetters(): readonly DeadLetter[];
  /** Messages sent, each once. */
  messages(): readonly Message[];
  books(processor: Processor): Books;
  /** Moves the clock, then closes what has been idle for long enough. */
  advance(byMs: number): Promise<void>;
  /** Signals the end of input: closes every open window. */
  end(): Promise<void>;
  nowMs(): number;
}

const START_MS = Date.UTC(2030, 0, 1);

/** How often the clock is moved to the next retry exactly. What fails for longer is held for good: then hours pass at once. */
const EXACT_WAITS = 100;
const LONG_WAIT_MS = 3_600_000;

/** How often the clock may be moved before a test counts as hanging: the age of a record ends its retries. */
const MAX_WAITS = 1_000;

/**
 * Makes a driver: pipe records in, read what comes out, look into tables, state and timers, move the clock by hand.
 *
 * Retries wait on the virtual clock, so no test waits. What steps are given is frozen: a step that changes its state or value in
 * place fails, as it might in production.
 */
export const testDriver = (topology: Topology, options: TestDriverOptions = {}): TestDriver => {
  const { startMs = START_MS, tables = {}, shards = 2, mapping, environments = 'new' } = options;
  const storage = memoryStorage();
  const faults: FaultSchedule = { next: [] };
  let clockMs = startMs;
  const runtime = localRuntime({
    topology: { ...topology, processors: topology.processors.map(frozen) },
    storage,
    nowMs: () => clockMs,
    reference: tables,
    shards,
    ...(mapping !== undefined && { mapping }),
    host: faultHost(faults, environments),
  });
  const { log } = storage;

  const settle = async (): Promise<void> => {
    for (let waits = 0; waits < MAX_WAITS; waits++) {
      const dueMs = await runtime.drain();
      if (dueMs === undefined) return;
      clockMs = Math.max(clockMs + (waits < EXACT_WAITS ? 0 : LONG_WAIT_MS), dueMs);
    }
    throw new Error(`after ${String(MAX_WAITS)} retries there are still records that no processor takes`);
  };
  const strike = async (fault: InputFault): Promise<void> => {
    if (fault.action.kind === 'reshard') {
      const { name } = fault.action.stream;
      const open = log.shards(name).find(({ endingSequenceNumber }) => endingSequenceNumber === undefined);
      if (open !== undefined) log.split(name, open.shardId);
      await settle();
      return;
    }
    faults.next = [fault.action];
    await settle();
    faults.next = [];
    await faults.release?.();
    await settle();
  };
  return {
    nowMs: () => clockMs,
    stream: <Value>(stream: Stream<Value>): DriverStream<Value> => {
      const seen = reader(log, stream);
      return {
        pipe: async (...items) => {
          for (const item of items) {
            if (item instanceof InputFault) await strike(item);
            else
              log.put(
                stream.name,
                [{ partitionKey: stream.partitionKey(item), data: stream.codec.encode(item) }],
                clockMs,
              );
          }
          await settle();
        },
        pipeBytes: async (partitionKey, ...payloads) => {
          log.put(
            stream.name,
            payloads.map((data) => ({ partitionKey, data: typeof data === 'string' ? Buffer.from(data) : data })),
            clockMs,
          );
          await settle();
        },
        read: () => seen.read('once'),
        readAll: () => seen.read('with repeats'),
      };
    },
    table: async <Row>(table: Table<Row>) => {
      const rows = new Map<string, Row>();
      for await (const { key, state } of storage.state.items(table.name)) {
        if (state !== undefined) rows.set(key, decodeRow(table.codec, state));
      }
      return rows;
    },
    state: async (processor, key) => {
      for await (const item of storage.state.items(collectionOf(processor))) {
        if (item.key !== key || item.state === undefined) continue;
        const state: unknown = JSON.parse(item.state);
        return state;
      }
      return undefined;
    },
    timers: async (processor) => {
      const timers = new Map<string, number>();
      for await (const { key, timerMs } of storage.state.items(collectionOf(processor))) {
        if (timerMs !== undefined) timers.set(key, timerMs);
      }
      return timers;
    },
    deadLetters: () =>
      Array.from(runtime.outputs.deadLetters(), (text): unknown => JSON.parse(text)).filter(isDeadLetter),
    messages: () => Array.from(runtime.outputs.messages(0), ({ message }) => message),
    books: (processor) => {
      const books = runtime.books().get(processor.id);
      if (books === undefined) throw new RangeError(`the topology has no processor '${processor.id}'`);
      return books;
    },
    advance: async (byMs) => {
      clockMs += byMs;
      await settle();
      while ((await runtime.sweep()) > 0) await settle();
    },
    end: () => runtime.flush(),
  };
};

const decodeRow = <Row>(codec: Codec<Row>, text: string): Row => {
  const decoded = codec.fromText(text);
  if (decoded.kind === 'malformed') throw new TypeError(`the table holds a row that is ${decoded.reason}: ${text}`);
  return decoded.value;
};
