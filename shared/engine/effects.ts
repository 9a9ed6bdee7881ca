import { createHash } from 'node:crypto';
import type { Notification } from '../processor/notification.ts';
import type { Output, Outputs } from '../processor/outputs.ts';
import type { Processor, StepResult } from '../processor/processor.ts';
import { dataMember, sealer } from '../stream/envelope.ts';
import { childPosition, laneThrough, siblingPosition } from '../stream/origin.ts';
import type { Stream } from '../stream/stream.ts';
import { checkPutable, checkTime, shown } from './limits.ts';
import type { Delivery, NotificationItem } from './ports.ts';
import { ReachedTimes, type Reached } from './reached-times.ts';

/** A delivery, and what caused it: one cause per entry. */
export interface EmittedDelivery {
  readonly delivery: Delivery;
  readonly causes: readonly Cause[];
}

/** What an emission is made of. */
export interface EmissionContext {
  readonly processor: Processor;
  /** What records promise that leave under another partition key, by stream; see `shard-watermarks.ts`. */
  readonly promises: ReadonlyMap<string, number>;
  /** How far ahead of its arrival a record's time may be and still count. */
  readonly aheadMs: number;
  /** Whether the processor is known to change partition keys: then all its records carry the promise. */
  readonly isRekeying: boolean;
}

/** The record, or the timer, that something is emitted for. */
export interface Cause {
  readonly lane: string;
  readonly position: string;
  readonly timeMs: number;
  readonly partitionKey: string;
  /** Place of the event in its partition; -1 for a timer. */
  readonly at: number;
  readonly promiseMs: number | undefined;
  /** How far it moves event time; -Infinity for not at all. */
  readonly advanceMs: number;
  /** When its record arrived; Infinity for a timer. */
  readonly arrivalMs: number;
  /** Which of the partitions it belongs to that share a delivery. */
  readonly owner?: number;
}

/** Collects what one partition of a batch emits, in order per destination and key. */
export class Emission {
  readonly #context: EmissionContext;
  // Most partitions of most batches emit nothing, or to one place.
  #streams: Map<string, StreamUnit> | undefined;
  #notifications: Map<string, NotificationUnit> | undefined;
  #seals: Map<string, Seal> | undefined;
  #lastUnit: StreamUnit | undefined;
  #reached: ReachedTimes | undefined;
  isRekeyed = false;

  constructor(context: EmissionContext) {
    this.#context = context;
  }

  /**
   * Takes what a step emitted. All of it is encoded before any of it is taken, so a step whose output cannot be encoded has
   * emitted nothing.
   */
  take(emit: NonNullable<StepResult<unknown, Outputs>['emit']>, cause: Cause): void {
    const { processor } = this.#context;
    // Most steps emit one value, if any.
    let first: Prepared | undefined;
    let others: Prepared[] | undefined;
    for (const name in emit) {
      const target = processor.to[name];
      const values: unknown = emit[name];
      if (target === undefined) {
        const known = Object.keys(processor.to).join("', '");
        throw new TypeError(
          `processor '${processor.id}' emitted to '${name}', which is not one of its outputs: '${known}'`,
        );
      }
      if (values === undefined) continue;
      if (!Array.isArray(values)) {
        throw new TypeError(`processor '${processor.id}': emit.${name} must be a list of values, got ${shown(values)}`);
      }
      let ordinal = 0;
      const siblings = target.idOf === undefined ? undefined : new Set<string>();
      for (const value of values) {
        const one = this.#prepare(target, value, cause, ordinal++, siblings);
        if (first === undefined) first = one;
        else (others ??= []).push(one);
      }
    }
    if (first !== undefined) this.#add(first, cause);
    for (const one of others ?? NOTHING_MORE) this.#add(one, cause);
  }

  #add(one: Prepared, cause: Cause): void {
    if (one.kind === 'item') {
      this.#addItem(one, cause);
      return;
    }
    const unit = this.#unitFor(one.stream, one.partitionKey);
    unit.payloads.push(one.payload);
    unit.causes.push(cause);
    if (one.partitionKey !== cause.partitionKey) this.isRekeyed = true;
    this.#reach(one, cause);
  }

  get reached(): ReadonlyMap<string, Reached> {
    return this.#reached?.byStream ?? NOTHING_REACHED;
  }

  deliveries(): readonly EmittedDelivery[] {
    const all: EmittedDelivery[] = [];
    for (const { causes, ...delivery } of this.#streams?.values() ?? []) all.push({ delivery, causes });
    for (const { target, recipient, items, causes } of this.#notifications?.values() ?? []) {
      const digest = (values: readonly unknown[]): ReturnType<typeof target.digest> => target.digest(recipient, values);
      all.push({ delivery: { kind: 'notification', notification: target.name, recipient, items, digest }, causes });
    }
    return all;
  }

  #prepare(target: Output, value: unknown, cause: Cause, ordinal: number, siblings: Set<string> | undefined): Prepared {
    const position = positionOf(target, value, cause.position, ordinal);
    if (siblings?.has(position) === true) {
      throw new RangeError(
        `idOf of '${target.name}' gives two values of one step the same id: one of them would be lost`,
      );
    }
    siblings?.add(position);
    if (target.kind === 'notification') {
      const recipient: unknown = target.recipient(value);
      if (typeof recipient !== 'string' || recipient === '') {
        throw new TypeError(`notification '${target.name}' needs a recipient that is text, got ${shown(recipient)}`);
      }
      const id = target.idOf?.(value) ?? `${cause.lane} ${position}`;
      return { kind: 'item', target, recipient, item: { id, value } };
    }
    const partitionKey: unknown = target.partitionKey(value, cause.partitionKey);
    const timeMs = target.eventTimeMs === undefined ? cause.timeMs : checkTime(target.name, target.eventTimeMs(value));
    const payload = this.#sealFor(target, cause, partitionKey)(position, timeMs, dataMember(target.codec, value));
    checkPutable(target.name, partitionKey, payload);
    return { kind: 'record', stream: target.name, partitionKey: String(partitionKey), timeMs, payload };
  }

  #sealFor({ name }: Stream<unknown>, cause: Cause, partitionKey: unknown): Seal['seal'] {
    const { processor, isRekeying, promises } = this.#context;
    const changes = isRekeying || partitionKey !== cause.partitionKey;
    const watermarkMs = changes ? (promises.get(name) ?? MIN_PROMISE_MS) : (cause.promiseMs ?? -Infinity);
    this.#seals ??= new Map();
    const known = this.#seals.get(name);
    if (known?.lane === cause.lane && known.watermarkMs === watermarkMs) return known.seal;
    const seal = sealer(name, laneThrough(cause.lane, processor.id), watermarkMs);
    this.#seals.set(name, { lane: cause.lane, watermarkMs, seal });
    return seal;
  }

  #unitFor(stream: string, partitionKey: string): StreamUnit {
    const last = this.#lastUnit;
    if (last?.partitionKey === partitionKey && last.stream === stream) return last;
    this.#streams ??= new Map();
    const id = `${stream}/${partitionKey}`;
    const unit = this.#streams.get(id) ?? { kind: 'stream', stream, partitionKey, payloads: [], causes: [] };
    this.#streams.set(id, unit);
    this.#lastUnit = unit;
    return unit;
  }

  /**
   * Event time as the stream's readers see it: an output may have a time of its own, so what its record does to the input's event
   * time is moved by as much as the two differ.
   */
  #reach({ stream, timeMs }: PreparedRecord, { timeMs: causeMs, advanceMs, arrivalMs, at }: Cause): void {
    if (!this.#context.isRekeying || timeMs > arrivalMs + this.#context.aheadMs) return;
    (this.#reached ??= new ReachedTimes()).enter(stream, at, advanceMs + timeMs - causeMs);
  }

  #addItem({ target, recipient, item }: PreparedItem, cause: Cause): void {
    this.#notifications ??= new Map();
    const id = `${target.name} ${recipient}`;
    const unit = this.#notifications.get(id) ?? { target, recipient, items: [], causes: [] };
    this.#notifications.set(id, unit);
    unit.items.push(item);
    unit.causes.push(cause);
  }
}

const positionOf = (target: Output, value: unknown, parent: string, ordinal: number): string => {
  if (target.idOf === undefined) return childPosition(parent, ordinal);
  const id: unknown = target.idOf(value);
  if (typeof id !== 'string' || id === '') {
    throw new TypeError(`idOf of '${target.name}' must return text, got ${shown(id)}`);
  }
  return siblingPosition(parent, createHash('sha256').update(id).digest('hex').slice(0, ID_DIGITS));
};

/** 48 bits tell the siblings of one record apart. */
const ID_DIGITS = 12;

const NOTHING_REACHED: ReadonlyMap<string, Reached> = new Map();

/** Nothing is promised yet, which must be said: the record would pass for one that never changed its key. */
const MIN_PROMISE_MS = -8_640_000_000_000_000;

interface Seal {
  readonly lane: string;
  readonly watermarkMs: number;
  readonly seal: ReturnType<typeof sealer>;
}

interface StreamUnit {
  readonly kind: 'stream';
  readonly stream: string;
  readonly partitionKey: string;
  readonly payloads: string[];
  readonly causes: Cause[];
}

interface NotificationUnit {
  readonly target: Notification<unknown>;
  readonly recipient: string;
  readonly items: NotificationItem[];
  readonly causes: Cause[];
}

interface PreparedItem {
  readonly kind: 'item';
  readonly target: Notification<unknown>;
  readonly recipient: string;
  readonly item: NotificationItem;
}

interface PreparedRecord {
  readonly kind: 'record';
  readonly stream: string;
  readonly partitionKey: string;
  readonly timeMs: number;
  readonly payload: string;
}

type Prepared = PreparedItem | PreparedRecord;

const NOTHING_MORE: readonly Prepared[] = [];
