import { json } from '../../shared/codec/json.ts';
import { bytesOf } from '../../shared/codec/text-bytes.ts';
import type { DeadLetter } from '../../shared/engine/dead-letter.ts';
import type { Dispatch, EmissionUnit, EnginePorts } from '../../shared/engine/ports.ts';
import { memoryStore } from '../../shared/state/memory-store.ts';
import type { StateStore, WriteOutcome } from '../../shared/state/state-store.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';
import { peeker } from '../../shared/stream/envelope.ts';
import { stream, type Stream } from '../../shared/stream/stream.ts';

/** A record of the small test streams: `n` is the payload, `at` event time in milliseconds. */
export interface Item {
  readonly lane: string;
  readonly key: string;
  readonly n: number;
  readonly at: number;
}

const isItem = (value: unknown): value is Item => typeof value === 'object' && value !== null && 'n' in value;

export const itemStream = (name: string): Stream<Item> =>
  stream(name, { codec: json('item', isItem), partitionKey: ({ lane }) => lane, eventTimeMs: ({ at }) => at });

/** Outputs that remember what they were given, and can be told to fail. */
export interface RecordedOutputs {
  readonly units: EmissionUnit[];
  readonly letters: DeadLetter[];
  readonly dispatches: Dispatch[];
  /** Whether a put to this stream and partition key is refused. */
  refuses: (unit: EmissionUnit) => boolean;
}

export interface Bench {
  readonly ports: EnginePorts;
  readonly outputs: RecordedOutputs;
  readonly store: StateStore;
  clockMs: number;
  /** Called in place of a conditional write; undefined lets it happen. */
  intercept: (key: string) => WriteOutcome | undefined;
}

/** Ports of an engine, all in memory and all real apart from the faults that a test asks for. */
export const bench = (): Bench => {
  const memory = memoryStore();
  const outputs: RecordedOutputs = { units: [], letters: [], dispatches: [], refuses: () => false };
  const made: Bench = {
    outputs,
    store: memory,
    clockMs: Date.UTC(2030, 0, 1),
    intercept: () => undefined,
    ports: {
      state: {
        ...memory,
        write: async (writes) => {
          const outcomes: WriteOutcome[] = [];
          for (const write of writes) {
            const [outcome = 'throttled'] = [made.intercept(write.key) ?? (await memory.write([write]))[0]];
            outcomes.push(outcome);
          }
          return outcomes;
        },
      },
      outputs: {
        put: (units) => {
          outputs.units.push(...units.filter((unit) => !outputs.refuses(unit)));
          return Promise.resolve(units.map((unit) => !outputs.refuses(unit)));
        },
        keep: (letters) => {
          outputs.letters.push(...letters);
          return Promise.resolve(letters.map(() => true));
        },
        notify: (dispatches) => {
          outputs.dispatches.push(...dispatches);
          return Promise.resolve(dispatches.map(() => true));
        },
      },
      tables: {
        rows: (_table, keys) => Promise.resolve(keys.map(() => undefined)),
        all: () => Promise.resolve({ version: 1, rows: [] }),
      },
      nowMs: () => made.clockMs,
    },
  };
  return made;
};

/** A record as a shard delivers it; `sequence` counts from 1. */
export const delivered = (sequence: number, item: Item | string): DeliveredRecord => ({
  partitionKey: typeof item === 'string' ? 'A' : item.lane,
  sequenceNumber: String(49_000_000 + sequence),
  data: bytesOf(typeof item === 'string' ? item : JSON.stringify(item)),
  arrivalMs: Date.UTC(2030, 0, 1),
});

/** Shorthand for items: lane, key, n, event time in seconds. */
export const item = (lane: string, key: string, n: number, atSeconds = 0): Item => ({
  lane,
  key,
  n,
  at: atSeconds * 1000,
});

/** What was emitted to a stream: `lane position data`, in order. */
export const emitted = (
  outputs: RecordedOutputs,
  name: string,
): readonly { readonly origin: string; readonly value: unknown }[] =>
  outputs.units
    .filter((unit) => unit.stream === name)
    .flatMap(({ payloads }) => payloads)
    .map((payload) => {
      const envelope = peeker('data')(payload);
      const value: unknown = JSON.parse(envelope?.data ?? 'null');
      return { origin: `${envelope?.lane ?? ''} ${envelope?.position ?? ''}`, value };
    });

/** States of a collection by key, as they are stored. */
export const stored = async (store: StateStore, collection: string): Promise<Readonly<Record<string, unknown>>> => {
  const states: [string, unknown][] = [];
  for await (const { key, state } of store.items(collection)) states.push([key, JSON.parse(state ?? 'null')]);
  return Object.fromEntries(states);
};
