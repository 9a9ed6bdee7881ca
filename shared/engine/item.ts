import { deleted } from '../processor/processor.ts';
import { rootShard } from '../stream/origin.ts';
import type { ConditionalWrite } from '../state/state-store.ts';
import { SHARED_PARTITION } from './batch.ts';
import { isAtOrBefore, withApplied } from './ledger.ts';
import { NO_LEDGER, type Item, type StateFormat } from './state-format.ts';

export type { Item, StateFormat };

/** Entries of a ledger beside those of lanes, which have an `@`, and of shards, which have a `/`. */
const FIRED = '#timer';
const ARRIVAL = '#arrival';

interface Snapshot {
  readonly state: unknown;
  undo(): void;
}

/**
 * What a fold makes of one item. Nobody sees any of it before it is written, so giving it up is forgetting it.
 */
export class Draft {
  readonly item: Item;
  readonly #format: StateFormat;
  /** `deleted`, or no state yet: undefined and `hasState` false. */
  #state: unknown;
  #hasState: boolean;
  #text: string | undefined;
  timerMs: number | undefined;
  changed = false;
  #firedMs: number;
  #updates: Map<string, string> | undefined;
  // Neighbours mostly share a lane: its newest position is kept aside until another lane comes.
  #lane = '';
  #position: string | undefined = undefined;
  #arrivalMs: number;
  #isCompacted = false;
  #merged: Readonly<Record<string, string>> | undefined;

  constructor(item: Item, format: StateFormat) {
    this.item = item;
    this.#format = format;
    this.#state = item.state;
    this.#hasState = item.text !== undefined;
    this.#text = item.isMigrated ? undefined : item.text;
    this.timerMs = item.timerMs;
    const fired = item.ledger[FIRED];
    this.#firedMs = fired === undefined ? -Infinity : Number(fired);
    this.#arrivalMs = Number(item.ledger[ARRIVAL] ?? -Infinity);
  }

  /** The state as a step is given it. User code may run here. */
  get state(): unknown {
    return this.#hasState ? this.#state : this.#format.initial();
  }

  /** A copy of the state for a step that may fail; the draft can go back to where it is now. */
  snapshot(): Snapshot {
    const [state, hasState, text, timerMs] = [this.#state, this.#hasState, this.#text, this.timerMs];
    const undo = (): void => {
      this.#state = state;
      this.#hasState = hasState;
      this.#text = text;
      this.timerMs = timerMs;
    };
    return { state: this.isMutable ? structuredClone(this.#state) : this.state, undo };
  }

  /** Whether a step could change the stored state in place. */
  get isMutable(): boolean {
    return this.#hasState && typeof this.#state === 'object' && this.#state !== null;
  }

  /** Sets the state that a step returned, once all else of its answer is good. */
  setState(state: unknown): void {
    this.#hasState = state !== deleted;
    this.#state = this.#hasState ? state : undefined;
    this.#text = undefined;
  }

  /** Sets the timer: after the last one that fired, or its output would pass for a repeat. */
  setTimer(timerMs: number): void {
    this.timerMs = Math.max(timerMs, this.#firedMs + 1);
  }

  /** Takes the timer away because it fires. */
  markFired(timerMs: number): void {
    this.#firedMs = timerMs;
    this.#update(FIRED, String(timerMs));
    this.timerMs = undefined;
    this.changed = true;
  }

  /** Whether this record is in the state already. */
  hasApplied(lane: string, position: string): boolean {
    if (lane !== this.#lane) {
      this.#settle();
      this.#lane = lane;
      this.#position = this.#updates?.get(lane) ?? this.item.ledger[lane] ?? this.#shardMark(lane);
    }
    return this.#position !== undefined && isAtOrBefore(position, this.#position);
  }

  /** Whether a record arrived after everything that was applied: then it cannot be a repeat, wherever it stands. */
  arrivedAfterAll(arrivalMs: number): boolean {
    return arrivalMs > this.#arrivalMs;
  }

  /** Enters the record that {@link hasApplied} was just asked about. `arrivalMs` of one whose position a shard gave. */
  markApplied(position: string, arrivalMs: number | undefined): void {
    this.#position = withApplied(this.#position, position);
    this.#merged = undefined;
    if (arrivalMs !== undefined && arrivalMs > this.#arrivalMs) this.#arrivalMs = arrivalMs;
    this.changed = true;
  }

  /**
   * Enters that every record of a shard through `position` is done, in place of an entry for each of its partition keys: what
   * keeps the ledger of a state that many of them share from growing.
   */
  compact(shard: string, position: string): void {
    const ledger = this.ledger();
    this.#lane = '';
    this.#position = undefined;
    this.#updates = new Map(Object.entries(ledger).filter(([lane]) => rootShard(lane) !== shard));
    this.#updates.set(shard, position);
    this.#isCompacted = true;
    this.#merged = undefined;
  }

  /** JSON text of the state as it is now; throws for a state that cannot be stored. */
  text(): string | undefined {
    if (!this.#hasState) return undefined;
    this.#text ??= this.item.fault === undefined ? this.#format.write(this.#state) : this.item.text;
    return this.#text;
  }

  ledger(): Readonly<Record<string, string>> {
    return (this.#merged ??= this.#mergedLedger());
  }

  #mergedLedger(): Readonly<Record<string, string>> {
    this.#settle();
    if (Number.isFinite(this.#arrivalMs)) this.#update(ARRIVAL, String(this.#arrivalMs));
    const marks = this.item.fault === undefined ? this.#format.marks : NO_LEDGER;
    const merged: Record<string, string> = this.#isCompacted ? { ...marks } : { ...this.item.ledger, ...marks };
    for (const [lane, position] of this.#updates ?? []) merged[lane] = position;
    return merged;
  }

  write(writtenAtMs: number): ConditionalWrite {
    const { collection, partitionKey, key, isRow = false, version } = this.item;
    const address = isRow ? { collection, partitionKey, key, isRow } : { collection, partitionKey, key };
    return {
      ...address,
      expected: version,
      state: this.text(),
      ledger: this.ledger(),
      timerMs: this.timerMs,
      writtenAtMs,
    };
  }

  /** The item as it is after the write. */
  written({ state: text, ledger, timerMs, expected }: ConditionalWrite): Item {
    return { ...this.item, version: expected + 1, text, state: this.#state, isMigrated: false, ledger, timerMs };
  }

  #shardMark(lane: string): string | undefined {
    if (this.item.partitionKey !== SHARED_PARTITION) return undefined;
    const shard = rootShard(lane);
    return shard === undefined ? undefined : (this.#updates?.get(shard) ?? this.item.ledger[shard]);
  }

  #update(entry: string, value: string): void {
    this.#merged = undefined;
    (this.#updates ??= new Map()).set(entry, value);
  }

  #settle(): void {
    if (this.#position !== undefined) this.#update(this.#lane, this.#position);
  }
}
