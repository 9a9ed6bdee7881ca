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

/** The items of a partition key whose timers are asked for. */
export interface DueLane {
  readonly partitionKey: string;
  /** Event time in milliseconds; Infinity for every timer there is. */
  readonly dueMs: number;
}

/**
 * What became of one conditional write. A conflict is an answer, not an error: somebody else was faster. What is throttled may
 * be tried again later; what is too large never fits.
 */
export type WriteOutcome = 'written' | 'conflict' | 'throttled' | 'too-large';

/** Keyed state that survives. Every method may reject only for a machine that is broken. */
export interface StateStore {
  /** Items in the order of the addresses; undefined where there is none. Addresses are distinct. */
  load(addresses: readonly StateAddress[]): Promise<readonly (StoredItem | undefined)[]>;
  /** Items whose timer is due at or before their lane's `dueMs`, of all these lanes, in no order. Partition keys are distinct. */
  due(collection: string, lanes: readonly DueLane[]): Promise<readonly StoredItem[]>;
  /** One outcome a write, in order. Writes name distinct addresses. */
  write(writes: readonly ConditionalWrite[]): Promise<readonly WriteOutcome[]>;
  /** Progress in the order of the partition keys, which are distinct. */
  progress(collection: string, partitionKeys: readonly string[]): Promise<readonly LaneProgress[]>;
  /**
   * Stores each progress only while its stored version is still `version`; the stored version is then one more. One outcome
   * each, in order, for distinct lanes.
   */
  advance(progress: readonly LaneProgress[]): Promise<readonly WriteOutcome[]>;
  /**
   * Partition keys that have a timer and were last active at or before `activeAtMs`. A partition key whose progress was never
   * stored may be missing: whoever writes items with timers stores progress first.
   */
  idle(collection: string, activeAtMs: number): Promise<readonly string[]>;
  /** All items of a collection ordered by key, then partition key, for tables and for looking into state. */
  items(collection: string): AsyncIterable<StoredItem>;
}
