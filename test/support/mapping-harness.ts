import { MemoryLog } from '../../shared/runtime/local/log/memory-log.ts';
import type { PartitionedLog } from '../../shared/runtime/local/log/partitioned-log.ts';
import { EventSourceMapping } from '../../shared/runtime/local/mapping/event-source-mapping.ts';
import type { FailureDestination } from '../../shared/runtime/local/mapping/failure-destination.ts';
import type { InvocationBatch, InvocationWindow } from '../../shared/runtime/local/mapping/invocation.ts';
import { InvocationThrottledError } from '../../shared/runtime/local/mapping/invocation.ts';
import type { MappingEvent } from '../../shared/runtime/local/mapping/mapping-events.ts';
import type {
  EventSourceMappingOptions,
  SimulationOptions,
} from '../../shared/runtime/local/mapping/mapping-options.ts';
import { isMappingSnapshot } from '../../shared/runtime/local/mapping/mapping-snapshot.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';

/** A day on which nothing happened; virtual time starts here. */
export const START_MS: number = Date.UTC(2026, 0, 5, 12);

const MAX_POLLS = 100_000;

/** One invocation: when, where, and the texts of the records. */
export interface Call {
  readonly atMs: number;
  readonly shardId: string;
  readonly texts: readonly string[];
  readonly window?: InvocationWindow;
}

/** The function under the mapping. What it throws is a function error. */
export type Answer = (batch: InvocationBatch, call: Call) => unknown;

export const textOf = ({ data }: DeliveredRecord): string => Buffer.from(data).toString();

/** Throws while a batch holds one of the texts. */
export const throwsOn =
  (...texts: readonly string[]): Answer =>
  (_batch, call) => {
    const bad = call.texts.find((text) => texts.includes(text));
    if (bad !== undefined) throw new Error(`cannot take ${bad}`);
  };

/** Reports the records with these texts, as a function with partial batch responses does. */
export const reports =
  (...texts: readonly string[]): Answer =>
  ({ records }) => ({
    batchItemFailures: records
      .filter((record) => texts.includes(textOf(record)))
      .map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })),
  });

export const throttled: Answer = () => {
  throw new InvocationThrottledError('no capacity left');
};

/** The first answer for the first call and so on; the last one for all further calls. */
export const inTurn = (...answers: readonly Answer[]): Answer =>
  (() => {
    let calls = 0;
    return (batch, call) => answers[Math.min(calls++, answers.length - 1)]?.(batch, call);
  })();

export interface HarnessOptions extends Partial<Omit<EventSourceMappingOptions & SimulationOptions, 'onFailure'>> {
  /** @default a queue that fills `documents` */
  readonly onFailure?: FailureDestination | 'none';
}

/** A mapping over a log in memory, driven by a virtual clock. */
export class MappingHarness {
  readonly log: PartitionedLog;
  readonly calls: Call[] = [];
  readonly events: MappingEvent[] = [];
  /** On-failure documents, parsed. */
  readonly documents: Record<string, unknown>[] = [];
  readonly options: HarnessOptions;
  readonly #queue: FailureDestination = {
    kind: 'sqs',
    send: (document) => void this.documents.push(parsed(document)),
  };
  mapping: EventSourceMapping;
  answer: Answer;
  nowMs = START_MS;

  constructor(answer: Answer, options: HarnessOptions = {}, log: PartitionedLog = new MemoryLog(), shards = 1) {
    this.log = log;
    this.answer = answer;
    this.options = options;
    if (!log.streams().includes('s')) log.createStream('s', { shards });
    this.mapping = this.#open(undefined);
  }

  /** Puts one record a text; the partition key is the text up to a colon. */
  put(...texts: readonly string[]): void {
    this.log.put(
      's',
      texts.map((text) => ({ partitionKey: text.split(':')[0] ?? '', data: Buffer.from(text) })),
      this.nowMs,
    );
  }

  /** Polls until nothing is due at the present time. */
  async settle(): Promise<void> {
    for (let polls = 0; await this.mapping.poll(this.nowMs); polls += 1) {
      if (polls > MAX_POLLS) throw new Error('the mapping reports progress without end');
    }
  }

  /** Settles, and again at every time the mapping asks for, until `forMs` milliseconds have passed. */
  async advance(forMs: number): Promise<void> {
    const untilMs = this.nowMs + forMs;
    await this.settle();
    for (let dueMs = this.mapping.nextDueMs(); dueMs !== undefined && dueMs <= untilMs;) {
      this.nowMs = Math.max(this.nowMs, dueMs);
      await this.settle();
      dueMs = this.mapping.nextDueMs();
    }
    this.nowMs = untilMs;
    await this.settle();
  }

  /** Goes on as another process would: from the snapshot as it is after a way through JSON. */
  restart(options: HarnessOptions = this.options): void {
    const snapshot: unknown = JSON.parse(JSON.stringify(this.mapping.snapshot()));
    this.mapping = this.#open(snapshot, options);
  }

  get texts(): (readonly string[])[] {
    return this.calls.map(({ texts }) => texts);
  }

  kinds(...kinds: readonly MappingEvent['kind'][]): MappingEvent[] {
    return this.events.filter(({ kind }) => kinds.includes(kind));
  }

  #open(snapshot: unknown, { onFailure = this.#queue, ...options } = this.options): EventSourceMapping {
    if (snapshot !== undefined && !isMappingSnapshot(snapshot)) throw new TypeError('not a snapshot after JSON');
    return new EventSourceMapping({
      log: this.log,
      stream: 's',
      invoke: async (batch) => {
        const { shardId, records, window } = batch;
        const call = { atMs: this.nowMs, shardId, texts: records.map(textOf), ...(window ? { window } : {}) };
        this.calls.push(call);
        await Promise.resolve();
        return this.answer(batch, call);
      },
      options: {
        startingPosition: 'TRIM_HORIZON',
        ...(onFailure === 'none' ? {} : { onFailure }),
        observe: (event) => this.events.push(event),
        newId: () => 'id',
        ...options,
      },
      ...(snapshot === undefined ? {} : { resumeFrom: snapshot }),
    });
  }
}

const parsed = (document: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(document);
  return typeof value === 'object' && value !== null ? { ...value } : {};
};
