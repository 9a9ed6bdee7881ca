import type { TopologyDescription } from '../processor/describe.ts';
import { completeAssumptions, type BillAssumptions } from './assumptions.ts';
import type { BillRow } from './charge.ts';
import { flowOf } from './flow.ts';
import { functionCharges } from './function-charges.ts';
import { streamCharges } from './stream-charges.ts';
import { tableCharges } from './table-charges.ts';

/** What a deployed topology costs, and with which assumptions that was reckoned. */
export interface Bill {
  readonly topology: string;
  readonly assumptions: BillAssumptions;
  readonly rows: readonly BillRow[];
}

/**
 * Reckons what a topology costs on AWS: idle, and for each million records that enter it.
 *
 * What is not assumed otherwise has the default of `ASSUMPTIONS`, and volumes are those that were measured of the topology, if
 * any were. Free tiers are left out. Throws a `RangeError` for an assumption out of its range.
 */
export const bill = (description: TopologyDescription, assumptions: Partial<BillAssumptions> = {}): Bill => {
  const assumed = completeAssumptions(assumptions);
  const flow = flowOf(description, assumed);
  return {
    topology: description.topology,
    assumptions: assumed,
    rows: [
      ...streamCharges(description, assumed, flow),
      ...functionCharges(description, assumed, flow),
      ...tableCharges(description, assumed, flow),
      ...notesOf(description),
    ],
  };
};

/** Money of all rows of one kind. */
export const totalUsd = ({ rows }: Bill, per: 'month' | 'million'): number =>
  rows.reduce((sum, row) => (row.kind === 'charge' && row.per === per ? sum + row.usd : sum), 0);

/** The books, and what else a function tells of each batch. */
const METRICS_PER_PROCESSOR = 14;
const ALARMS_PER_PROCESSOR = 7;

/** What has a price on AWS that was not found, or is not reckoned. */
const notesOf = ({ processors, notifications }: TopologyDescription): readonly BillRow[] =>
  [
    'DynamoDB point-in-time recovery: no price found; it grows with the gigabytes kept',
    'EventBridge Scheduler: no price found; one call a minute for each processor with timers',
    `CloudWatch: no price found for some ${String(METRICS_PER_PROCESSOR * processors.length)} custom metrics, ${String(ALARMS_PER_PROCESSOR * processors.length)} alarms, a dashboard, logs; not small beside the rest`,
    'KMS, S3 (dead letters) and Secrets Manager (key of the cursors): no price found',
    'API Gateway: no price found; it costs by the request',
    ...(notifications.length > 0 ? ['SNS e-mails: no price found; one for each recipient and batch'] : []),
    'Free tiers are not taken off; records that are delivered again are not added',
  ].map((what) => ({ kind: 'note', what }));
