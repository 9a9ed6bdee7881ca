/** Where an item lives: one state key of one partition key of one collection (a processor's state, or a table). */
export interface StateAddress {
  readonly collection: string;
  readonly partitionKey: string;
  readonly key: string;
}

/**
 * What is stored under one state key. State and ledger are one item, so that "what" and "applied up to where" can never
 * disagree.
 */
interface StateItem {
  /** JSON text; undefined where a key has a ledger and no state. */
  readonly state: string | undefined;
  /** Lane -> position of the last record of that lane that is in `state`. */
  readonly ledger: Readonly<Record<string, string>>;
  /** Event time in milliseconds at which the key's timer is due. */
  readonly timerMs: number | undefined;
}

/** An item with the version a conditional write must name: counts up from 1. */
export interface StoredItem extends StateItem, StateAddress {
  readonly version: number;
}

/** A write that only happens while the stored version is still `expected` (0: there is no such item yet). */
export interface ConditionalWrite extends StateItem, StateAddress {
  readonly expected: number;
}

/** How far event time has come in one partition key of one processor. */
export interface LaneProgress {
  readonly collection: string;
  readonly partitionKey: string;
  /** -Infinity before the first record. */
  readonly watermarkMs: number;
  /** When a record or the sweep last moved it, on the clock. */
  readonly activeAtMs: number;
  /** 0: never stored. */
  readonly version: number;
}

/** What became of one conditional write. A conflict is an answer, not an error: somebody else was faster. */
export type WriteOutcome = 'written' | 'conflict' | 'throttled';

/** Keyed state that survives. Every method may reject only for a machine that is broken. */
export interface StateStore {
  /** Items in the order of the addresses; undefined where there is none. Addresses are distinct. */
  load(addresses: readonly StateAddress[]): Promise<readonly (StoredItem | undefined)[]>;
  /** Items of a partition key whose timer is due at or before `dueMs`. */
  due(collection: string, partitionKey: string, dueMs: number): Promise<readonly StoredItem[]>;
  /** One outcome a write, in order. Writes name distinct addresses. */
  write(writes: readonly ConditionalWrite[]): Promise<readonly WriteOutcome[]>;
  progress(collection: string, partitionKeys: readonly string[]): Promise<readonly LaneProgress[]>;
  /** Stores progress only while the stored version is still `progress.version`; the stored version is then one more. */
  advance(progress: LaneProgress): Promise<WriteOutcome>;
  /** Partition keys that have a timer and were last active at or before `activeAtMs`. */
  idle(collection: string, activeAtMs: number): Promise<readonly string[]>;
  /** All items of a collection ordered by key, then partition key, for tables and for looking into state. */
  items(collection: string): AsyncIterable<StoredItem>;
}
