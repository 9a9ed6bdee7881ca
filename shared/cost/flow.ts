import type { TopologyDescription } from '../processor/description/describe.ts';
import type { BillAssumptions } from './assumptions.ts';

/** How many records one million that enter a topology become on each of its streams. */
export type Flow = ReadonlyMap<string, number>;

const MILLION = 1_000_000;

/**
 * Follows one million records through a topology, spread evenly over its sources.
 *
 * Where no share is known, a processor writes one record to each of its streams for each that it reads: mostly too many, so
 * the bill errs to the dear side.
 */
export const flowOf = (description: TopologyDescription, { volumes }: BillAssumptions): Flow => {
  const sources = description.streams.filter(({ writtenBy }) => writtenBy.length === 0);
  const known = ({ name }: { readonly name: string }): number | undefined => {
    const share = volumes.recordShares[name];
    return share === undefined ? undefined : share * MILLION;
  };
  const flow = new Map<string, number>(sources.map((one) => [one.name, known(one) ?? MILLION / sources.length]));
  for (const { from, outputs } of description.processors) {
    for (const { kind, to } of outputs) {
      if (kind !== 'stream') continue;
      flow.set(to, known({ name: to }) ?? (flow.get(to) ?? 0) + (flow.get(from) ?? 0));
    }
  }
  return flow;
};
