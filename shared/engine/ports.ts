import type { Message } from '../processor/notification.ts';
import type { StateStore } from '../state/state-store.ts';
import type { DeadLetter } from './dead-letter.ts';

/** Records of one lane for one partition key of one stream: written in this order or not at all from a failure on. */
export interface EmissionUnit {
  readonly stream: string;
  readonly partitionKey: string;
  /** Envelopes. */
  readonly payloads: readonly string[];
}

/** A message and the destination it belongs to. */
export interface Dispatch {
  readonly notification: string;
  readonly message: Message;
}

/**
 * Where outputs leave. Answers say, unit by unit, whether all of it is written; `false` means that writing was given up,
 * and the engine then holds the lane. Rejecting is for a broken machine.
 */
export interface OutputPort {
  put(units: readonly EmissionUnit[]): Promise<readonly boolean[]>;
  notify(dispatches: readonly Dispatch[]): Promise<readonly boolean[]>;
  keep(deadLetters: readonly DeadLetter[]): Promise<readonly boolean[]>;
}

/** Rows of reference tables and of tables that processors fill. */
export interface TablePort {
  /** Rows in the order of the keys; undefined where there is none. */
  rows(table: string, keys: readonly string[]): Promise<readonly unknown[]>;
  /** All rows, and a version that changes when a row does. */
  all(table: string): Promise<{ readonly version: number; readonly rows: readonly unknown[] }>;
}

/** Everything a processor's engine touches outside of itself; the clock is one of them. */
export interface EnginePorts {
  readonly state: StateStore;
  readonly outputs: OutputPort;
  readonly tables: TablePort;
  readonly nowMs: () => number;
}
