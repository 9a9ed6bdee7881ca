import { SeededRandom } from './seeded-random.ts';
import { booksUnlikeSteps } from './check/books-as-said.ts';
import { byItself, undecided } from './check/by-itself.ts';
import { compare } from './check/compare.ts';
import type { Verdict } from './check/verdict.ts';
import { cleanRun } from './clean-run.ts';
import { faultyRun, type FaultyRun } from './faulty-run.ts';
import type { Scenario } from './scenario/scenario.ts';
import { parcelScenario } from './scenario/parcel-scenario.ts';
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
  /** What people were notified of more than once: e-mail is at least once. */
  readonly toldAgain: number;
}

/** Runs the schedule of a seed: an input under faults, and once without, compared where the two must be the same. */
export const runSchedule = async (seed: number, tell?: (line: string) => void): Promise<ScheduleResult> => {
  const scenario = scenarioOf(seed);
  const trace = new Trace(tell);
  trace.say(`seed ${String(seed)}: ${scenario.name}`);
  const run = await faultyRun(scenario, new SeededRandom(seed, 2), trace);
  const { view, world } = run;
  for (const [name, { lanes }] of view.streams) {
    for (const [lane, records] of lanes) for (const record of records) trace.say(`${name} ${lane} ${record}`);
  }
  const alone = run.verdict === undefined ? byItself(view, scenario) : { lost: [], different: [] };
  const compared =
    run.verdict ??
    (run.isComparable
      ? await withoutFaults(run, scenario, scenarioOf(seed))
      : { lost: [], doubled: [], different: undecided(view) });
  return {
    // What no ledger took is missing in the comparison as well.
    lost: [...new Set([...alone.lost, ...compared.lost])],
    doubled: compared.doubled,
    different: [...world.problems, ...wrongCounts(run), ...alone.different, ...compared.different],
    seed,
    scenario: scenario.name,
    digest: trace.digest(),
    counts: world.counts.entries(),
    repeats: [...view.streams.values()].reduce((sum, { repeats }) => sum + repeats, 0),
    toldAgain: toldAgain(run),
  };
};

const withoutFaults = async (
  { view, world }: FaultyRun,
  { mixedStreams }: Scenario,
  same: Scenario,
): Promise<Verdict> => {
  const clean = await cleanRun(same);
  const verdict = compare(view, clean.view, { mixedStreams, areOvertaken: world.hasOvertaken });
  return { ...verdict, different: [...clean.problems, ...verdict.different] };
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
    ...(world.unheard === 0 && run.verdict === undefined ? booksUnlikeSteps(view, outcomes, keepsLedger) : []),
  ];
};

const SCENARIOS = [weatherScenario, tradeScenario, parcelScenario];

const scenarioOf = (seed: number): Scenario => {
  const chance = new SeededRandom(seed, 1);
  return SCENARIOS[seed % SCENARIOS.length]?.(chance) ?? weatherScenario(chance);
};
