import type { LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import { Chance } from './chance.ts';
import type { RunView } from './check/run-view.ts';
import { compare, type Verdict } from './check/compare.ts';
import { cleanRun } from './clean-run.ts';
import { faultyRun } from './faulty-run.ts';
import type { Outcomes } from './outcomes.ts';
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
  const { view, world, outcomes } = await faultyRun(scenario, new Chance(seed, 2), trace);
  const clean = await cleanRun(scenarioOf(seed));
  const verdict = compare(view, clean, { mixedStreams: scenario.mixedStreams, areOvertaken: world.hasOvertaken });
  const toldAgain = [...view.told.values()].reduce((sum, times) => sum + times - 1, 0);
  const needless = toldAgain > 0 && world.mailRisks === 0 ? [`${String(toldAgain)} told again without a cause`] : [];
  const books = world.unheard === 0 ? inexactBooks(view, world.runtime, outcomes) : [];
  for (const [name, { lanes }] of view.streams) {
    for (const [lane, records] of lanes) for (const record of records) trace.say(`${name} ${lane} ${record}`);
  }
  return {
    ...verdict,
    different: [...world.problems, ...needless, ...books, ...verdict.different],
    seed,
    scenario: scenario.name,
    digest: trace.digest(),
    counts: world.counts.entries(),
    repeats: [...view.streams.values()].reduce((sum, { repeats }) => sum + repeats, 0),
    toldAgain,
  };
};

/** Where the mapping heard of every attempt, the books have each record in its column once, however often it came. */
const inexactBooks = ({ books }: RunView, { topology }: LocalRuntime, outcomes: Outcomes): readonly string[] =>
  topology.processors
    .filter(({ keyed }) => keyed !== undefined)
    .flatMap(({ id }) =>
      EXACT_COLUMNS.filter((column) => books.get(id)?.[column] !== outcomes.count(id, column)).map(
        (column) =>
          `${id} has ${String(outcomes.count(id, column))} ${column}, its books ${String(books.get(id)?.[column])}`,
      ),
    );

const EXACT_COLUMNS = ['applied', 'filtered', 'late', 'invalid'] as const;

const scenarioOf = (seed: number): Scenario => {
  const chance = new Chance(seed, 1);
  return seed % 2 === 0 ? weatherScenario(chance) : tradeScenario(chance);
};
