import type { PendingRange } from './settle.ts';

/** Where a mapping stands, as plain JSON: what a later run goes on from. */
export interface MappingSnapshot {
  readonly version: 1;
  /** With LATEST: the number after which the mapping began. */
  readonly startedAfter?: string;
  readonly isActive: boolean;
  readonly shards: readonly ShardSnapshot[];
}

/** A shard that was begun. */
export interface ShardSnapshot {
  readonly shardId: string;
  readonly isDrained: boolean;
  /** One a unit of parallelisation; none once the shard is drained. */
  readonly slots: readonly SlotSnapshot[];
}

/** One unit of parallelisation of a shard. */
export interface SlotSnapshot {
  /** Everything up to here is done; absent before the first record. */
  readonly position?: string;
  /** Whether the first record at or after the starting timestamp is still to come. */
  readonly isSearching: boolean;
  readonly pending: readonly PendingRange[];
  readonly window?: WindowSnapshot;
}

/** The open tumbling window. */
export interface WindowSnapshot {
  readonly startMs: number;
  /** JSON. */
  readonly stateText: string;
  /** Set while the invocation that ends it is due. */
  readonly closing?: { readonly early: boolean; readonly waits: number; readonly dueMs: number };
}

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const optional = (check: (value: unknown) => boolean) => (value: unknown) => value === undefined || check(value);
const listOf = (check: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(check);
const shape = (fields: Fields) => (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(fields).every(([name, check]) => check(Reflect.get(value, name)));

const isRange = shape({
  through: isText,
  failures: isNumber,
  invocations: isNumber,
  waits: isNumber,
  dueMs: isNumber,
  lastFailure: optional((value) => value === 'thrown' || value === 'reported'),
  discard: optional(isText),
});
const isWindow = shape({
  startMs: isNumber,
  stateText: isText,
  closing: optional(shape({ early: isFlag, waits: isNumber, dueMs: isNumber })),
});
const isSlot = shape({
  position: optional(isText),
  isSearching: isFlag,
  pending: listOf(isRange),
  window: optional(isWindow),
});
const isShard = shape({ shardId: isText, isDrained: isFlag, slots: listOf(isSlot) });
const isSnapshot = shape({
  version: (value) => value === 1,
  startedAfter: optional(isText),
  isActive: isFlag,
  shards: listOf(isShard),
});

/** Whether parsed JSON is a snapshot of this version; what is not must not be resumed from. */
export const isMappingSnapshot = (value: unknown): value is MappingSnapshot => isSnapshot(value);
