import type { TopologyDescription } from '../processor/description/describe.ts';
import type { BillAssumptions } from './assumptions.ts';
import { charge, HOURS_A_MONTH, type BillRow } from './charge.ts';
import type { Flow } from './flow.ts';

const MILLION = 1_000_000;
const SWEEPS_A_MONTH = HOURS_A_MONTH * 60;

/** What the functions cost: an invocation a batch, and one a minute for each processor with timers, which is swept. */
export const functionCharges = (
  { processors }: TopologyDescription,
  assumed: BillAssumptions,
  flow: Flow,
): readonly BillRow[] => {
  const { recordsPerBatch, memoryMb, msPerBatch, sweepMs } = assumed;
  const gbSeconds = (invocations: number, ms: number): number => invocations * (ms / 1000) * (memoryMb / 1024);
  const batches = processors.reduce((sum, { from }) => sum + (flow.get(from) ?? 0) / recordsPerBatch, 0);
  const swept = processors.filter(({ state }) => state?.timers !== undefined).length;
  const sweeps = swept * SWEEPS_A_MONTH;
  const sweep = `sweep of ${String(swept)} processor${swept === 1 ? '' : 's'} each minute`;
  return [
    ...(swept > 0
      ? [
          charge('month', 'Lambda', sweep, 'lambdaRequests', sweeps / MILLION),
          charge('month', 'Lambda', sweep, 'lambdaGbSeconds', gbSeconds(sweeps, sweepMs)),
        ]
      : []),
    charge('million', 'Lambda', `${String(Math.round(batches))} batches`, 'lambdaRequests', batches / MILLION),
    charge(
      'million',
      'Lambda',
      `${String(Math.round(batches))} batches of ${String(msPerBatch)} ms in ${String(memoryMb)} MB`,
      'lambdaGbSeconds',
      gbSeconds(batches, msPerBatch),
    ),
  ];
};
