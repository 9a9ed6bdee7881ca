import type { Books } from '../../engine/books.ts';

/** CloudWatch namespace of all metrics that processors write. */
export const METRIC_NAMESPACE = 'Millrace';

/** Metrics of a processor beside its books; one value an invocation. */
export const METRICS = {
  /** Milliseconds since the newest record of the batch arrived in its stream. */
  batchLag: 'BatchLagMs',
  /** Milliseconds between the clock and the lowest watermark of the batch; only of processors with timers. */
  watermarkDelay: 'WatermarkDelayMs',
  /** Keys that were folded again because another writer was faster. */
  conflicts: 'Conflicts',
  /** Partition keys whose records must be delivered again. */
  heldLanes: 'HeldLanes',
  /** Records that were left for the next invocation, because there was no time left or a lane before them is held. */
  untakenRecords: 'UntakenRecords',
  /** Records that a sweep emitted; only of sweeps. */
  sweepEmitted: 'SweepEmitted',
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
