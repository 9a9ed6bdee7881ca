import { Chance } from './chance.ts';
import { booksUnlikeSteps } from './check/books-as-said.ts';
import { compare, type Verdict } from './check/compare.ts';
import { cleanRun } from './clean-run.ts';
import { faultyRun, type FaultyRun } from './faulty-run.ts';
import type { Scenario } from './scenario/scenario.ts';
import { tradeScenario } from './scenario/trade-scenario.ts';
import { weatherScenario } from './scenario/weather-scenario.ts';
import { Trace } from './world/trace.ts';

/** What one schedule came to. */
export interface ScheduleResult extends Verdict {
  readonly seed: number;
  readonly scenario: string;
  /** The same whenever this seed is run. */
  readonly digest: string;
  readonly counts: readonly (readonly [name: string, times: number])[];
  /** Copies of records that ledgers passed over. */
  readonly repeats: number;
  /** What people were told more than once: e-mail is at least once. */
  readonly toldAgain: number;
}

/** Runs the schedule of a seed: the same input once under faults and once without, compared. */
export const runSchedule = async (seed: number, tell?: (line: string) => void): Promise<ScheduleResult> => {
  const scenario = scenarioOf(seed);
  const trace = new Trace(tell);
  trace.say(`seed ${String(seed)}: ${scenario.name}`);
  const faulty = await faultyRun(scenario, new Chance(seed, 2), trace);
  const clean = await cleanRun(scenarioOf(seed));
  const { view, world } = faulty;
  const { lost, doubled, different } = compare(view, clean.view, {
    mixedStreams: scenario.mixedStreams,
    areOvertaken: world.hasOvertaken,
  });
  for (const [name, { lanes }] of view.streams) {
    for (const [lane, records] of lanes) for (const record of records) trace.say(`${name} ${lane} ${record}`);
  }
  return {
    lost,
    doubled,
    different: [...world.problems, ...clean.problems, ...wrongCounts(faulty), ...different],
    seed,
    scenario: scenario.name,
    digest: trace.digest(),
    counts: world.counts.entries(),
    repeats: [...view.streams.values()].reduce((sum, { repeats }) => sum + repeats, 0),
    toldAgain: toldAgain(faulty),
  };
};

const toldAgain = ({ view }: FaultyRun): number => [...view.told.values()].reduce((sum, times) => sum + times - 1, 0);

/** What must be exact where nothing stood in the way of it. */
const wrongCounts = (run: FaultyRun): readonly string[] => {
  const { view, world, outcomes } = run;
  const { processors } = world.runtime.topology;
  const again = toldAgain(run);
  const keepsLedger = (processor: string): boolean =>
    processors.some(({ id, keyed }) => id === processor && keyed !== undefined);
  return [
    ...(again > 0 && world.mailRisks === 0 ? [`${String(again)} alerts were mailed again without a cause`] : []),
    ...(world.unheard === 0 ? booksUnlikeSteps(view, outcomes, keepsLedger) : []),
  ];
};

const scenarioOf = (seed: number): Scenario => {
  const chance = new Chance(seed, 1);
  return seed % 2 === 0 ? weatherScenario(chance) : tradeScenario(chance);
};
