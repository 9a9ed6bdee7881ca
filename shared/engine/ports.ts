import type { Message } from '../processor/notification.ts';
import type { StateStore } from '../state/state-store.ts';
import type { DeadLetter } from './dead-letter.ts';

/** Records of one lane for one partition key of one stream: delivered in this order, and after a failure none that follow. */
export interface StreamDelivery {
  readonly kind: 'stream';
  readonly stream: string;
  readonly partitionKey: string;
  /** Envelopes. */
  readonly payloads: readonly string[];
}

/** One thing to say to a recipient. `id` is the same in every attempt, however batches are cut. */
export interface NotificationItem {
  readonly id: string;
  readonly value: unknown;
}

/** What a batch has to say to one recipient. Items already sent are left out of the message. */
export interface NotificationDelivery {
  readonly kind: 'notification';
  readonly notification: string;
  readonly recipient: string;
  /** Never empty. */
  readonly items: readonly NotificationItem[];
  /** Composes the message from the values of the items not yet sent, in order. User code: it may throw. */
  readonly digest: (values: readonly unknown[]) => Message;
}

export type Delivery = StreamDelivery | NotificationDelivery;

/**
 * The result of one delivery: all of it is written; it was refused for now and may be tried again; or it can never be
 * written, and why.
 */
export type DeliveryOutcome = 'delivered' | 'refused' | { readonly failed: string };

/** Where outputs leave. Rejecting is for a broken machine. */
export interface OutputPort {
  /** One outcome per delivery, in order. */
  deliver(deliveries: readonly Delivery[]): Promise<readonly DeliveryOutcome[]>;
  /** Keeps dead letters; one answer each, in order: whether it is kept. */
  deadLetter(letters: readonly DeadLetter[]): Promise<readonly boolean[]>;
}

/** A row as it was until a moment; `undefined` where there was none. */
export interface FormerRow {
  readonly key: string;
  /** Records that arrived before this, in milliseconds since 1970, saw `row`. */
  readonly untilMs: number;
  readonly row: unknown;
}

/** Rows of reference tables and of tables that processors fill. */
export interface TablePort {
  /** Rows in the order of the keys; undefined where there is none. */
  rows(table: string, keys: readonly string[]): Promise<readonly unknown[]>;
  /** All rows, and a version that changes when a row does. */
  all(table: string): Promise<TableRows>;
  /**
   * What rows were before recent edits, newest edit first: at least as far back as a stream can redeliver, so that a retry
   * sees the rows that the first attempt saw. Absent where rows never change while records are in flight.
   */
  formerRows?(table: string, keys: readonly string[] | 'all'): Promise<readonly FormerRow[]>;
}

/** All rows of a table. `keys` are in the order of `rows`; needed where `formerRows` may answer. */
export interface TableRows {
  readonly version: number;
  readonly rows: readonly unknown[];
  readonly keys?: readonly string[];
}

/** Everything a processor's engine touches outside of itself; the clock is one of them. */
export interface EnginePorts {
  readonly state: StateStore;
  readonly outputs: OutputPort;
  readonly tables: TablePort;
  readonly nowMs: () => number;
}
