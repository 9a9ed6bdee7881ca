import { BOOK_COLUMNS } from '../engine/books.ts';
import type { ProcessorDescription, TopologyDescription } from '../processor/description/describe.ts';
import { PROCESSOR_ALARMS, TIMER_ALARMS } from '../runtime/deployment/alarm-ids.ts';
import { METRICS } from '../runtime/lambda/batch-report.ts';
import { completeAssumptions, type BillAssumptions } from './assumptions.ts';
import type { BillRow } from './charge.ts';
import { chargesOf } from './charges.ts';

/** The estimated cost of a deployed topology, with the assumptions it is based on. */
export interface Bill {
  readonly topology: string;
  readonly assumptions: BillAssumptions;
  readonly rows: readonly BillRow[];
}

/**
 * Estimates what a topology costs on AWS: idle, and for each million records that enter it.
 *
 * Anything not assumed has the default of `ASSUMPTIONS`. Free tiers are not deducted. Throws a `RangeError` for an assumption out
 * of its range.
 */
export const bill = (description: TopologyDescription, assumptions: Partial<BillAssumptions> = {}): Bill => {
  const assumed = completeAssumptions(assumptions);
  return {
    topology: description.topology,
    assumptions: assumed,
    rows: [...chargesOf(description, assumed), ...notesOf(description)],
  };
};

/** The sum of all rows of one kind. */
export const totalUsd = ({ rows }: Bill, per: 'month' | 'million'): number =>
  rows.reduce((sum, row) => (row.kind === 'charge' && row.per === per ? sum + row.usd : sum), 0);

/** Metrics that only processors with timers have. */
const TIMER_METRICS: readonly string[] = [METRICS.watermarkDelay, METRICS.sweepEmitted];

/** How many custom metrics and alarms CloudWatch charges for. */
export const watchedCounts = (
  processors: readonly ProcessorDescription[],
): { readonly metrics: number; readonly alarms: number } => {
  const withTimers = processors.filter(({ state }) => state?.timers !== undefined).length;
  const metrics = BOOK_COLUMNS.length + Object.keys(METRICS).length - TIMER_METRICS.length;
  return {
    metrics: metrics * processors.length + TIMER_METRICS.length * withTimers,
    // One more for the query API.
    alarms: PROCESSOR_ALARMS.length * processors.length + TIMER_ALARMS.length * withTimers + 1,
  };
};

/** What has a price on AWS that was not found, or is left out. */
const notesOf = ({ processors, notifications }: TopologyDescription): readonly BillRow[] => {
  const { metrics, alarms } = watchedCounts(processors);
  return [
    'DynamoDB point-in-time recovery: no price found; it grows with the gigabytes stored',
    'EventBridge Scheduler: no price found; one call a minute for each processor with timers',
    `CloudWatch: no price found for ${String(metrics)} custom metrics, ${String(alarms)} alarms, a dashboard and logs; not small beside the rest`,
    'KMS, S3 (dead letters) and Secrets Manager (key of the cursors): no price found',
    'API Gateway: no price found; it charges per request',
    ...(notifications.length > 0 ? ['SNS e-mails: no price found; one for each recipient and batch'] : []),
    'Free tiers are not deducted; records that are delivered again are not added',
  ].map((what) => ({ kind: 'note', what }));
};
