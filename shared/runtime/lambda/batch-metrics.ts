import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import { BOOK_COLUMNS } from '../../engine/books.ts';
import { bookMetric, METRICS } from './metric-names.ts';
import type { TakenBatch } from './take-batch.ts';

/** Enters what became of a batch: its books column by column, how far behind it is, and what must come again. */
export const enterBatch = (
  metrics: Metrics,
  { books, held, conflicts, watermarkMs, untaken }: TakenBatch,
  newestArrivalMs: number | undefined,
  nowMs: number,
): void => {
  const count = (name: string, value: number): void => {
    metrics.addMetric(name, MetricUnit.Count, value);
  };
  const delay = (name: string, sinceMs: number | undefined): void => {
    if (sinceMs === undefined || !Number.isFinite(sinceMs)) return;
    metrics.addMetric(name, MetricUnit.Milliseconds, Math.max(0, nowMs - sinceMs));
  };
  for (const column of BOOK_COLUMNS) count(bookMetric(column), books[column]);
  count(METRICS.conflicts, conflicts);
  count(METRICS.heldLanes, held.length);
  count(METRICS.untakenRecords, untaken?.count ?? 0);
  delay(METRICS.batchLag, newestArrivalMs);
  delay(METRICS.watermarkDelay, watermarkMs);
};

/** Enters what a sweep gave out. */
export const enterSweep = (metrics: Metrics, emitted: number): void => {
  metrics.addMetric(bookMetric('emitted'), MetricUnit.Count, emitted);
  metrics.addMetric(METRICS.sweepEmitted, MetricUnit.Count, emitted);
};
