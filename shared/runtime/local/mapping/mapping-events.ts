/**
 * Why records were discarded. The last two are ours, because AWS does not say what it does: a record no invocation can carry,
 * and one that the stream has forgotten, of which no document tells.
 */
export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'PayloadTooLarge' | 'Expired';

/** What can happen to records of a shard. `records` is how many of them it concerns. */
export type MappingEventDetail =
  | { readonly kind: 'opened' }
  | { readonly kind: 'drained' }
  /** They are done. `newestArrivalMs` gives the lag. */
  | { readonly kind: 'delivered'; readonly records: number; readonly newestArrivalMs: number }
  | { readonly kind: 'filtered'; readonly records: number }
  /** They failed and are delivered again at `dueMs`; `failures` is what the retry limit is compared with. */
  | {
      readonly kind: 'retried';
      readonly records: number;
      readonly failures: number;
      readonly dueMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'throttled'; readonly records: number; readonly dueMs: number }
  /** They failed and are divided: `first` of them are tried next. */
  | { readonly kind: 'bisected'; readonly records: number; readonly first: number; readonly reason: string }
  | { readonly kind: 'discarded'; readonly records: number; readonly condition: DiscardCondition }
  /** Sent again at `dueMs`; undefined where the document is lost. */
  | {
      readonly kind: 'destination-failed';
      readonly records: number;
      readonly dueMs: number | undefined;
      readonly error: unknown;
    }
  | { readonly kind: 'window-closed'; readonly startMs: number; readonly early: boolean }
  | { readonly kind: 'window-close-failed'; readonly startMs: number; readonly dueMs: number; readonly reason: string };

/** Something that happened in a shard: once per batch, not once per record. */
export type MappingEvent = MappingEventDetail & { readonly shardId: string; readonly nowMs: number };

/** Called at once and in order; what it throws ends the poll. */
export type MappingObserver = (event: MappingEvent) => void;
