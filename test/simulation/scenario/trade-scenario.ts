import type { Chance } from '../chance.ts';
import { interleaved } from './interleaved.ts';
import { portionsOf, type Raw } from './portions.ts';
import type { Scenario } from './scenario.ts';
import { WINDOW_REFUSES } from './trade-in-time.ts';
import type { Sale } from './trade-streams.ts';
import { BAD_QUANTITY, HELD_QUANTITY, tradeTopology } from './trade-topology.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2016, 0, 1, 8);

/** The trade topology with some sales, of which some are late, refused, undecodable, or trip a bug. */
export const tradeScenario = (chance: Chance): Scenario => {
  const locations = ['london', 'oslo', 'straße/7'].slice(0, chance.between(2, 3));
  const phases = chance.between(1, 3);
  let id = 0;
  const rawsOf = (location: string, phase: number): readonly Raw[] => {
    // Event time of a phase begins far behind what the idle clock adds to the one before.
    let nowMs = FIRST_DAY_MS + phase * 3 * DAY_MS;
    return Array.from({ length: chance.between(4, Math.round(32 / phases)) }, () => {
      nowMs += chance.yes(0.1) ? chance.between(30, 150) * MINUTE_MS : chance.below(9 * MINUTE_MS);
      const sale: Sale = {
        id: ++id,
        location,
        product: chance.pick(['tea', 'rice', 'salt']),
        quantity: quantityOf(chance),
        atMs: nowMs - (chance.yes(0.3) ? chance.below(100 * MINUTE_MS) : 0) - (chance.yes(0.02) ? DAY_MS : 0),
      };
      return { partitionKey: location, text: textOf(sale, chance) };
    });
  };
  return {
    name: 'trade',
    topology: tradeTopology,
    reference: {},
    source: 'sales',
    phases: Array.from({ length: phases }, (_, phase) =>
      portionsOf(
        interleaved(
          locations.map((location) => rawsOf(location, phase)),
          chance,
        ),
        chance,
      ),
    ),
    idleMs: 60 * MINUTE_MS,
    mixedStreams: new Set(['running-totals']),
  };
};

const quantityOf = (chance: Chance): number =>
  chance.yes(0.85)
    ? chance.pick([1, 2, 3, 4, 5, 6, 8, 9])
    : chance.pick([BAD_QUANTITY, HELD_QUANTITY, WINDOW_REFUSES, 0, -1]);

const textOf = (sale: Sale, chance: Chance): string => {
  if (chance.yes(0.02)) return `{"id":${String(sale.id)}, oops`;
  return chance.yes(0.02) ? JSON.stringify({ name: `not a sale ${String(sale.id)}` }) : JSON.stringify(sale);
};
