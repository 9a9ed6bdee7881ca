import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { BOOK_COLUMNS, type Books } from '../../engine/books.ts';
import { MAX_ITEM_BYTES } from '../../state/state-store.ts';
import type { TakenBatch } from './take-batch.ts';

/*
 * What a function reports about its work: metrics and log lines. Infrastructure and the command line find both by the names in
 * this file, and only types of the libraries that write them are imported, so that reading a name loads nothing else.
 */

/** CloudWatch namespace of all metrics that processors write. */
export const METRIC_NAMESPACE = 'Millrace';

/** Metrics of a processor beside its books; one value an invocation. */
export const METRICS = {
  /** Milliseconds since the newest record of the batch arrived in its stream. */
  batchLag: 'BatchLagMs',
  /** Milliseconds between the clock and the lowest watermark of the batch; only of processors with timers. */
  watermarkDelay: 'WatermarkDelayMs',
  /** Keys that were folded again because another writer won. */
  conflicts: 'Conflicts',
  /** Partition keys whose records must be delivered again. */
  heldPartitions: 'HeldPartitions',
  /** Records left for the next invocation, because no time was left for them. */
  unprocessedRecords: 'UnprocessedRecords',
  /** Percent of the maximum size of an item that the largest written one has; only above 80. */
  largestItemShare: 'LargestItemShare',
  /** Records that a sweep emitted; only of sweeps. */
  sweepEmitted: 'SweepEmitted',
} as const;

/** What lines of a function's log are about, in their field `event`. */
export const LOG_EVENTS = {
  /** A partition key whose records must be delivered again: `partitionKey`, `sequenceNumber`, `because`. */
  partitionHeld: 'partition-held',
  /** More of them than are logged one by one: `partitions`. */
  morePartitionsHeld: 'more-partitions-held',
  /** Records left for the next invocation: `records`, `sequenceNumber`, `because`. */
  recordsUnprocessed: 'records-unprocessed',
  /** A stream, topic or bucket refused something, so that partition keys are held: `target`, `because`. */
  outputRefused: 'output-refused',
  /** An item above 80 % of what a store takes: `key`, `bytes`. At 100 % its records become dead letters. */
  itemNearlyFull: 'item-nearly-full',
  batchTaken: 'batch-taken',
  swept: 'swept',
  invocationFailed: 'invocation-failed',
} as const;

/**
 * The metric of a column of the books.
 *
 * @example
 * ```ts
 * bookMetric('deadLettered'); // 'DeadLettered'
 * ```
 */
export const bookMetric = (column: keyof Books): string => `${column.slice(0, 1).toUpperCase()}${column.slice(1)}`;

/** The dimensions of all metrics of a processor: the stack it belongs to, and its id. */
export const metricDimensions = (
  deployment: string,
  processor: string,
): { readonly service: string; readonly processor: string } => ({ service: deployment, processor });

/** Adds the metrics of a batch: its books column by column, how late it is, and what must be delivered again. */
export const addBatchMetrics = (
  metrics: Metrics,
  { books, held, conflicts, watermarkMs, largestItemBytes, unprocessed }: TakenBatch,
  newestArrivalMs: number | undefined,
  nowMs: number,
): void => {
  const count = (name: string, value: number): void => {
    metrics.addMetric(name, 'Count', value);
  };
  const delay = (name: string, sinceMs: number | undefined): void => {
    if (sinceMs === undefined || !Number.isFinite(sinceMs)) return;
    metrics.addMetric(name, 'Milliseconds', Math.max(0, nowMs - sinceMs));
  };
  for (const column of BOOK_COLUMNS) count(bookMetric(column), books[column]);
  count(METRICS.conflicts, conflicts);
  count(METRICS.heldPartitions, held.length);
  count(METRICS.unprocessedRecords, unprocessed?.count ?? 0);
  delay(METRICS.batchLag, newestArrivalMs);
  delay(METRICS.watermarkDelay, watermarkMs);
  if (isNearlyFull(largestItemBytes)) {
    metrics.addMetric(METRICS.largestItemShare, 'Percent', (100 * largestItemBytes) / MAX_ITEM_BYTES);
  }
};

/** Adds the metrics of a sweep. */
export const addSweepMetrics = (metrics: Metrics, emitted: number): void => {
  metrics.addMetric(bookMetric('emitted'), 'Count', emitted);
  metrics.addMetric(METRICS.sweepEmitted, 'Count', emitted);
};

/** An item above this share is still growing, and its operators should hear of it while it has room. */
const WARNING_SHARE = 0.8;

const isNearlyFull = (bytes: number): boolean => bytes > WARNING_SHARE * MAX_ITEM_BYTES;

/** A throttled stream can hold thousands of partition keys at once, all for the same cause. */
const MAX_PARTITIONS_LOGGED = 100;

const MAX_CAUSE_CHARS = 500;

/** Logs what must be delivered again, and why: one line a partition key. Payloads are never logged. */
export const logBatch = (logger: Logger, batch: TakenBatch): void => {
  const { held, books, unprocessed, largestItemBytes, largestItemKey } = batch;
  logger.debug('batch taken', { event: LOG_EVENTS.batchTaken, books });
  for (const { partitionKey, sequenceNumber, because } of held.slice(0, MAX_PARTITIONS_LOGGED)) {
    const cause = because.slice(0, MAX_CAUSE_CHARS);
    logger.warn('partition held', { event: LOG_EVENTS.partitionHeld, partitionKey, sequenceNumber, because: cause });
  }
  if (held.length > MAX_PARTITIONS_LOGGED) {
    const partitions = held.length - MAX_PARTITIONS_LOGGED;
    logger.warn('more partitions held', { event: LOG_EVENTS.morePartitionsHeld, partitions });
  }
  if (unprocessed !== undefined) {
    const { count, sequenceNumber, because } = unprocessed;
    logger.warn('records unprocessed', {
      event: LOG_EVENTS.recordsUnprocessed,
      records: count,
      sequenceNumber,
      because,
    });
  }
  if (isNearlyFull(largestItemBytes)) {
    logger.warn('item nearly full', { event: LOG_EVENTS.itemNearlyFull, key: largestItemKey, bytes: largestItemBytes });
  }
};
