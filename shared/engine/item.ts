import { deleted } from '../processor/processor.ts';
import { rootShard } from '../stream/origin.ts';
import type { ConditionalWrite } from '../state/state-store.ts';
import { LEDGER_ENTRY_BYTES, ledgerBytes, nearItemBytes } from '../state/item-bytes.ts';
import { SHARED_PARTITION } from './batch.ts';
import { isAtOrBefore, withApplied } from './ledger.ts';
import type { Item, StateFormat } from './state-format.ts';

export type { Item, StateFormat };

/** Entries of a ledger beside those of lanes, which have an `@`, and of shards, which have a `/`. */
const FIRED = '#timer';
const ARRIVAL = '#arrival';

interface Snapshot {
  readonly state: unknown;
  undo(): void;
}

/**
 * What a fold makes of one item. None of it is seen before it is written, so giving it up is forgetting it.
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
  /** The ledger as it will be; undefined before it changes. */
  #entries: Record<string, string> | undefined;
  // Neighbours mostly share a lane: its newest position is kept aside until another lane comes.
  #lane = '';
  /** The entry of the ledger that the lane has. */
  #entry = '';
  #position: string | undefined = undefined;
  #arrivalMs: number;
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
      this.#position = (this.#entries ?? this.item.ledger)[this.#entry];
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
    if (arrivalMs !== undefined && arrivalMs > this.#arrivalMs) this.#arrivalMs = arrivalMs;
    this.changed = true;
  }

  /** Takes back that the record was entered; `before` is what {@link lastApplied} was before it. */
  unmarkApplied(before: string | undefined): void {
    this.#position = before;
    if (this.#entries !== undefined) this.#update(this.#entry, before);
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

  /** As it is now; not to be kept while the draft goes on changing. */
  ledger(): Readonly<Record<string, string>> {
    this.#settle();
    if (Number.isFinite(this.#arrivalMs)) this.#update(ARRIVAL, String(this.#arrivalMs));
    return (this.#entries ??= this.#copiedLedger());
  }

  /** Bytes of the item as it is now; throws for a state that cannot be stored. */
  bytes(): number {
    const state = this.text();
    const ledger = this.ledger();
    this.#ledgerBytes ??= ledgerBytes(ledger);
    const { collection, partitionKey, key, isRow } = this.item;
    return nearItemBytes({ collection, partitionKey, key, isRow, state, timerMs: this.timerMs }, this.#ledgerBytes);
  }

  write(writtenAtMs: number): ConditionalWrite {
    const { collection, partitionKey, key, isRow = false, version } = this.item;
    return {
      collection,
      partitionKey,
      key,
      ...(isRow && { isRow }),
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

  /** Changes an entry; undefined makes it what it was. */
  #update(entry: string, value: string | undefined): void {
    const stored = this.item.ledger[entry];
    const before = (this.#entries ?? this.item.ledger)[entry];
    const after = value ?? stored;
    if (before === after) return;
    if (this.#ledgerBytes !== undefined) this.#ledgerBytes += entryBytes(entry, after) - entryBytes(entry, before);
    const entries = (this.#entries ??= this.#copiedLedger());
    if (after === undefined) Reflect.deleteProperty(entries, entry);
    else entries[entry] = after;
  }

  #copiedLedger(): Record<string, string> {
    return { ...this.item.ledger, ...(this.item.fault === undefined && this.#format.marks) };
  }

  #settle(): void {
    if (this.#position !== undefined) this.#update(this.#entry, this.#position);
  }
}

const entryBytes = (entry: string, value: string | undefined): number =>
  value === undefined ? 0 : entry.length + value.length + LEDGER_ENTRY_BYTES;
