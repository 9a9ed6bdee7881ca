/** Where an item lives: one state key of one partition key of one collection (a processor's state, or a table). */
export interface StateAddress {
  readonly collection: string;
  readonly partitionKey: string;
  readonly key: string;
  /**
   * Whether the collection is a table. A row is found by its key alone and belongs to the partition key that wrote it first:
   * `load` answers with its owner's `partitionKey`, and a write under another partition key is a conflict.
   */
  readonly isRow?: boolean;
}

/** What is stored under one state key. State and ledger are one item, so they can never disagree. */
interface StateItem {
  /** JSON text; undefined where the state was deleted or never set. The ledger stays, so that repeats are still known. */
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

/** A write that only happens while the stored version is still `expected` (0: no such item yet). */
export interface ConditionalWrite extends StateItem, StateAddress {
  readonly expected: number;
  /** When it is written, on the clock: what decides when an item without state may be forgotten. */
  readonly writtenAtMs: number;
}

/** How far event time has come in one partition key of one processor. */
export interface PartitionProgress {
  readonly collection: string;
  readonly partitionKey: string;
  /** -Infinity before the first record. */
  readonly watermarkMs: number;
  /** When a record or the sweep last moved it, on the clock. */
  readonly activeAtMs: number;
  /** 0: never stored. */
  readonly version: number;
}

/** A partition key whose due timers are asked for. */
export interface DuePartition {
  readonly partitionKey: string;
  /** Event time in milliseconds; Infinity for every timer. */
  readonly dueMs: number;
}

/**
 * The result of one conditional write. `conflict`: another writer won. `throttled`: may be tried again later. `too-large` and
 * `refused`: this item will never be taken, and retrying cannot help.
 */
export type WriteOutcome = 'written' | 'conflict' | 'throttled' | 'too-large' | 'refused';

/** Keyed state that survives. Every method may reject only for a machine that is broken. */
export interface StateStore {
  /** Items in the order of the addresses; undefined where none is stored. Addresses are distinct. */
  load(addresses: readonly StateAddress[]): Promise<readonly (StoredItem | undefined)[]>;
  /** Items whose timer is due at or before their partition's `dueMs`, in no order. Partition keys are distinct. */
  due(collection: string, partitions: readonly DuePartition[]): Promise<readonly StoredItem[]>;
  /** One outcome per write, in order. Writes name distinct addresses. */
  write(writes: readonly ConditionalWrite[]): Promise<readonly WriteOutcome[]>;
  /** Progress in the order of the partition keys, which are distinct. */
  progress(collection: string, partitionKeys: readonly string[]): Promise<readonly PartitionProgress[]>;
  /**
   * Stores each progress only while its stored version is still `version`; the stored version is then one more. One outcome
   * each, in order, for distinct partition keys.
   */
  advance(progress: readonly PartitionProgress[]): Promise<readonly WriteOutcome[]>;
  /**
   * Partition keys that have a timer and were last active at or before `activeAtMs`. A partition key whose progress was never
   * stored may be missing: an engine that writes items with timers stores progress first.
   */
  idle(collection: string, activeAtMs: number): Promise<readonly string[]>;
  /** All items of a collection ordered by key, then partition key, for tables and for looking into state. */
  items(collection: string): AsyncIterable<StoredItem>;
}

/** What a store takes of one item, names and keys included: DynamoDB's 400 KB, and every other store obeys it too. */
export const MAX_ITEM_BYTES = 409_600;
