import { deleted } from '../processor/processor.ts';
import { rootShard } from '../stream/origin.ts';
import type { ConditionalWrite } from '../state/state-store.ts';
import { LEDGER_ENTRY_BYTES, ledgerBytes, nearItemBytes } from '../state/item-bytes.ts';
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
  /** The entry of the ledger that the lane has. */
  #entry = '';
  #position: string | undefined = undefined;
  #arrivalMs: number;
  #merged: Readonly<Record<string, string>> | undefined;
  /** Counted once, and then with each change: a ledger may have thousands of entries. */
  #ledgerBytes: number | undefined;

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
      this.#entry = this.#entryOf(lane);
      this.#position = this.#updates?.get(this.#entry) ?? this.item.ledger[this.#entry];
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

  /** Takes back that the record was entered; `before` is what {@link lastApplied} was before it. */
  unmarkApplied(before: string | undefined): void {
    this.#position = before;
    if (this.#updates?.has(this.#entry) === true) this.#update(this.#entry, before);
  }

  /** The newest position that is entered of the lane that {@link hasApplied} was just asked about. */
  get lastApplied(): string | undefined {
    return this.#position;
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

  /** Bytes of the item as it is now; throws for a state that cannot be stored. */
  bytes(): number {
    const state = this.text();
    this.#settleAll();
    this.#ledgerBytes ??= ledgerBytes(this.ledger());
    const { collection, partitionKey, key, isRow } = this.item;
    return nearItemBytes({ collection, partitionKey, key, isRow, state, timerMs: this.timerMs }, this.#ledgerBytes);
  }

  #mergedLedger(): Readonly<Record<string, string>> {
    this.#settleAll();
    const marks = this.item.fault === undefined ? this.#format.marks : NO_LEDGER;
    const merged: Record<string, string> = { ...this.item.ledger, ...marks };
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

  /**
   * The partition keys of a shard that share a state are one sequence there, and so one entry: else the ledger would grow with
   * their number. Where the shard is not known, positions of several may be mixed, and each lane keeps its own.
   */
  #entryOf(lane: string): string {
    if (this.item.partitionKey !== SHARED_PARTITION) return lane;
    const shard = rootShard(lane);
    return shard?.includes('/') === true ? shard : lane;
  }

  /** Changes an entry; undefined takes the change back. */
  #update(entry: string, value: string | undefined): void {
    const stored = this.item.ledger[entry];
    const before = this.#updates?.get(entry) ?? stored;
    const after = value ?? stored;
    if (before === after) return;
    this.#merged = undefined;
    if (this.#ledgerBytes !== undefined) this.#ledgerBytes += entryBytes(entry, after) - entryBytes(entry, before);
    if (value === undefined) this.#updates?.delete(entry);
    else (this.#updates ??= new Map()).set(entry, value);
  }

  #settle(): void {
    if (this.#position !== undefined) this.#update(this.#entry, this.#position);
  }

  #settleAll(): void {
    this.#settle();
    if (Number.isFinite(this.#arrivalMs)) this.#update(ARRIVAL, String(this.#arrivalMs));
  }
}

const entryBytes = (entry: string, value: string | undefined): number =>
  value === undefined ? 0 : entry.length + value.length + LEDGER_ENTRY_BYTES;
