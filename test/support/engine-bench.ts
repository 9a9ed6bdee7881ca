import { json } from '../../shared/codec/json.ts';
import { bytesOf } from '../../shared/codec/text-bytes.ts';
import type { DeadLetter } from '../../shared/engine/dead-letter.ts';
import type {
  Delivery,
  DeliveryOutcome,
  EnginePorts,
  NotificationDelivery,
  StreamDelivery,
} from '../../shared/engine/ports.ts';
import type { Message } from '../../shared/processor/notification.ts';
import type { Processor } from '../../shared/processor/processor.ts';
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

/** Outputs that remember what they were given, and fail on demand. */
export interface RecordedOutputs {
  readonly units: StreamDelivery[];
  readonly letters: DeadLetter[];
  /** Messages that were composed, by notification and recipient. */
  readonly dispatches: {
    readonly notification: string;
    readonly recipient: string;
    readonly ids: readonly string[];
    readonly message: Message;
  }[];
  /** Whether a delivery to this stream and partition key is refused. */
  refuses: (unit: StreamDelivery) => boolean;
  /** Whether a message is refused. */
  refusesMessage: (delivery: NotificationDelivery) => boolean;
  /** Why a delivery can never be written; undefined for one that can. */
  fails: (delivery: Delivery) => string | undefined;
  /** Whether dead letters are refused. */
  refusesLetters: boolean;
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
  const outputs: RecordedOutputs = {
    units: [],
    letters: [],
    dispatches: [],
    refuses: () => false,
    refusesMessage: () => false,
    fails: () => undefined,
    refusesLetters: false,
  };
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
        deliver: (deliveries) =>
          Promise.resolve(
            deliveries.map((delivery) => {
              const failed = outputs.fails(delivery);
              if (failed !== undefined) return { failed };
              return delivery.kind === 'stream' ? put(outputs, delivery) : send(outputs, delivery);
            }),
          ),
        deadLetter: (letters) => {
          if (!outputs.refusesLetters) outputs.letters.push(...letters);
          return Promise.resolve(letters.map(() => !outputs.refusesLetters));
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

const put = (outputs: RecordedOutputs, delivery: StreamDelivery): DeliveryOutcome => {
  if (outputs.refuses(delivery)) return 'refused';
  outputs.units.push(delivery);
  return 'delivered';
};

const send = (outputs: RecordedOutputs, delivery: NotificationDelivery): DeliveryOutcome => {
  const { notification, recipient, items, digest } = delivery;
  if (outputs.refusesMessage(delivery)) return 'refused';
  try {
    const message = digest(items.map(({ value }) => value));
    outputs.dispatches.push({ notification, recipient, ids: items.map(({ id }) => id), message });
    return 'delivered';
  } catch (error) {
    return { failed: String(error) };
  }
};

/** When {@link delivered} says that records arrived. */
export const ARRIVAL_MS: number = Date.UTC(2030, 0, 1);

/** A record as a shard delivers it; `sequence` counts from 1. */
export const delivered = (
  sequence: number,
  item: Item | string,
  more: Partial<DeliveredRecord> = {},
): DeliveredRecord => ({
  partitionKey: typeof item === 'string' ? 'A' : item.lane,
  sequenceNumber: String(49_000_000 + sequence),
  data: bytesOf(typeof item === 'string' ? item : JSON.stringify(item)),
  arrivalMs: ARRIVAL_MS,
  ...more,
});

/** Items as one shard delivers them, counted from 1. */
export const batch = (...items: readonly (Item | string)[]): readonly DeliveredRecord[] =>
  items.map((one, index) => delivered(index + 1, one));

/** Shorthand for items: lane, key, n, event time in seconds. */
export const item = (lane: string, key: string, n: number, atSeconds = 0): Item => ({
  lane,
  key,
  n,
  at: atSeconds * 1000,
});

/** What was emitted to a stream: origin, event time and value, in order. */
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

/** The values of what was emitted to a stream, in order. */
export const valuesOf = ({ outputs }: Bench, name: string): readonly unknown[] =>
  emitted(outputs, name).map(({ value }) => value);

/** Everything that was emitted, as a reader's shard delivers it: what is put first arrives first. */
export const forwarded = (
  { outputs }: Bench,
  name: string,
  { from = 0, shard = '0' }: { readonly from?: number; readonly shard?: string } = {},
): readonly DeliveredRecord[] =>
  outputs.units
    .filter((unit) => unit.stream === name)
    .flatMap(({ partitionKey, payloads }) => payloads.map((payload) => ({ partitionKey, payload })))
    .map(({ partitionKey, payload }, index) => ({
      partitionKey,
      sequenceNumber: String(70_000_000 + index),
      data: bytesOf(payload),
      arrivalMs: ARRIVAL_MS,
      shard,
    }))
    .slice(from);

/** States of a collection by key, as they are stored; null where there is none. */
export const stored = async (store: StateStore, collection: string): Promise<Readonly<Record<string, unknown>>> => {
  const states: [string, unknown][] = [];
  for await (const { key, state } of store.items(collection)) states.push([key, JSON.parse(state ?? 'null')]);
  return Object.fromEntries(states);
};

/** The same by partition key and key, joined by a blank. */
export const storedBy = async (store: StateStore, collection: string): Promise<Readonly<Record<string, unknown>>> => {
  const states: [string, unknown][] = [];
  for await (const { partitionKey, key, state } of store.items(collection)) {
    states.push([`${partitionKey} ${key}`, JSON.parse(state ?? 'null')]);
  }
  return Object.fromEntries(states);
};

/** The same processor with a step that TypeScript would refuse: what plain JavaScript may return. */
export const withStep = (described: Processor, step: (input: StepOf) => unknown): Processor => ({
  ...described,
  // @ts-expect-error: a step of plain JavaScript may return anything.
  step,
});

type StepOf = Parameters<Processor['step']>[0];
