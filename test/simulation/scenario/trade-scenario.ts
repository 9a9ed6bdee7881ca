import type { SeededRandom } from '../seeded-random.ts';
import { interleaved } from './interleaved.ts';
import { chunksOf, type Raw } from './chunks.ts';
import { salesAstray } from './sales-astray.ts';
import type { Scenario } from './scenario.ts';
import { Quantity, type Sale } from './trade-streams.ts';
import { tradeTopology } from './trade-topology.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2016, 0, 1, 8);

/** The trade topology with some sales, of which some are late, refused, undecodable, or trip a bug. */
export const tradeScenario = (chance: SeededRandom): Scenario => {
  const locations = ['london', 'oslo', 'straße/7'].slice(0, chance.between(2, 3));
  const phases = chance.between(1, 3);
  // Some schedules hold their partitions often.
  const held = chance.yes(0.4) ? 0.12 : 0.01;
  let id = 0;
  const rawsOf = (location: string, phase: number): readonly Raw[] => {
    // Event time of a phase begins far after what the idle clock adds to the one before.
    let nowMs = FIRST_DAY_MS + phase * 3 * DAY_MS;
    return Array.from({ length: chance.between(4, Math.round(20 / phases)) }, () => {
      nowMs += chance.yes(0.1) ? chance.between(30, 150) * MINUTE_MS : chance.below(9 * MINUTE_MS);
      const sale: Sale = {
        id: ++id,
        location,
        product: chance.pick(['tea', 'rice', 'salt']),
        quantity: chance.yes(held) ? Quantity.Held : quantityOf(chance),
        atMs: nowMs - (chance.yes(0.3) ? chance.below(100 * MINUTE_MS) : 0) - (chance.yes(0.02) ? DAY_MS : 0),
      };
      return { partitionKey: location, text: textOf(sale, chance), isDamaged: chance.yes(0.01) };
    });
  };
  return {
    name: 'trade',
    topology: tradeTopology,
    reference: {},
    source: 'sales',
    phases: Array.from({ length: phases }, (_, phase) =>
      chunksOf(
        interleaved(
          locations.map((location) => rawsOf(location, phase)),
          chance,
        ),
        chance,
      ),
    ),
    idleMs: 60 * MINUTE_MS,
    astray: salesAstray,
    mixedStreams: new Set(['running-totals']),
  };
};

const GOOD = [1, 2, 3, 4, 5, 6, 8, 9];
const BAD = Object.values(Quantity).filter((quantity) => quantity !== Quantity.Held);

const quantityOf = (chance: SeededRandom): number => chance.pick(chance.yes(0.8) ? GOOD : BAD);

const textOf = (sale: Sale, chance: SeededRandom): string => {
  const dice = chance.next();
  if (dice < 0.015) return `{"id":${String(sale.id)}, oops`;
  if (dice < 0.03) return JSON.stringify({ name: `not a sale ${String(sale.id)}` });
  return JSON.stringify(dice < 0.045 ? { ...sale, atMs: sale.atMs + 0.5 } : sale);
};
