import { localRuntime } from '../../shared/runtime/local/local-runtime.ts';
import { memoryStorage } from '../../shared/runtime/local/local-storage.ts';
import { booksUnlikeSteps, booksWithFaults } from './check/books-as-said.ts';
import { RawLabels } from './check/raw-labels.ts';
import { runView, type RunView } from './check/run-view.ts';
import { openTimers } from './open-timers.ts';
import { observed, Outcomes } from './outcomes.ts';
import { CLOCK_START_MS, type Scenario } from './scenario/scenario.ts';

/** What is left of a run without faults, and what is wrong with it all the same. */
interface CleanRun {
  readonly view: RunView;
  readonly problems: readonly string[];
}

/** Runs a scenario in large batches, and nothing goes wrong: what every other run of it must come to. */
export const cleanRun = async (scenario: Scenario): Promise<CleanRun> => {
  const storage = memoryStorage();
  const labels = new RawLabels();
  const outcomes = new Outcomes();
  let clockMs = CLOCK_START_MS;
  const runtime = localRuntime({
    topology: observed(scenario.topology({ isFixed: true, version: 1 }), outcomes),
    storage,
    nowMs: () => clockMs,
    reference: scenario.reference,
    shards: 1,
  });
  for (const phase of scenario.phases) {
    for (const chunk of phase) {
      for (const { sequenceNumber } of storage.log.put(scenario.source, chunk(clockMs), clockMs))
        labels.add(sequenceNumber);
    }
    await runtime.drain();
    do {
      clockMs += scenario.idleMs;
      await runtime.sweep();
      await runtime.drain();
    } while ((await openTimers(runtime)).count > 0);
  }
  const view = await runView(runtime, labels, outcomes);
  storage.close();
  return { view, problems: [...booksUnlikeSteps(view, outcomes, () => true), ...booksWithFaults(view)] };
};
