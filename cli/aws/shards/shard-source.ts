import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';

/** A stream whose shards can be read, each from a place of its own. */
export interface ShardSource {
  /** All shards that still hold records or may get some. */
  shards(): Promise<readonly Shard[]>;
  read(shardId: string, from: ReadFrom): ShardCursor;
}

export interface Shard {
  readonly shardId: string;
  /** Shards it was split from or merged of; what they hold of a partition key comes before what it holds. */
  readonly parents: readonly string[];
  /** Whether no more records will come. */
  readonly closed: boolean;
}

/** Where reading begins: at the oldest record, behind the newest one, or at what arrived at a time, in ms since 1970. */
export type ReadFrom =
  { readonly kind: 'start' } | { readonly kind: 'now' } | { readonly kind: 'time'; readonly timeMs: number };

/** A place in a shard that moves on as it is read. */
export interface ShardCursor {
  next(): Promise<ShardPage>;
}

interface ShardPage {
  readonly records: readonly DeliveredRecord[];
  /** Whether the shard is closed and this was its last page; the cursor must not be asked again. */
  readonly ended: boolean;
  /** How far behind the newest record this page ends; 0 at the tip. */
  readonly behindMs: number;
}
