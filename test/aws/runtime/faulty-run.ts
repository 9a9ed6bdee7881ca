import { BOOK_COLUMNS, newTally, type Books } from '../../../shared/engine/books.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import { bookMetric } from '../../../shared/runtime/lambda/batch-report.ts';
import { localRuntime } from '../../../shared/runtime/local/local-runtime.ts';
import { memoryStorage } from '../../../shared/runtime/local/local-storage.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { captured } from '../../runtime/lambda/captured-output.ts';
import { RawLabels } from '../../simulation/check/raw-labels.ts';
import { runView, type RunView } from '../../simulation/check/run-view.ts';
import { observed, Outcomes } from '../../simulation/outcomes.ts';
import type { Scenario } from '../../simulation/scenario/scenario.ts';
import { emulatedTopology } from './emulated-topology.ts';
import { FaultBudget } from './fault-budget.ts';
import { FaultyHandlers } from './faulty-handlers.ts';
import { streamPump } from './stream-pump.ts';

const FAULTS_A_PHASE = 40;
const MAX_TURNS = 400;
/** What a run under faults has left. */
export interface FaultyRun {
  readonly view: RunView;
  readonly problems: readonly string[];
  readonly faults: ReadonlyMap<string, number>;
  /** Books of every invocation, as its metrics say them. */
  readonly books: readonly Books[];
}

/** Runs a scenario on an endpoint, under the faults of a seed. */
export const faultyRun = async (scenario: Scenario, seed: number): Promise<FaultyRun> => {
  const outcomes = new Outcomes();
  const topology = observed(scenario.topology({ isFixed: true, version: 1 }), outcomes);
  const emulated = await emulatedTopology(topology, scenario.reference);
  const faults = new FaultBudget(seed);
  const problems: string[] = [];
  const labels = new RawLabels();
  const storage = memoryStorage();
  let aheadMs = 0;
  const nowMs = (): number => Date.now() + aheadMs;
  const handlers = new FaultyHandlers({
    faults,
    nowMs,
    environmentOf: (processor) => emulated.environmentOf(processor),
    problem: (text) => problems.push(text),
  });
  const runtime = localRuntime({
    topology,
    storage,
    nowMs,
    reference: scenario.reference,
    shards: 2,
    host: handlers.host,
    mapping: {
      batchSize: faults.chance.pick([2, 5, 20, 100]),
      parallelizationFactor: faults.chance.between(1, 3),
      maximumRetryAttempts: -1,
      maximumConcurrency: 20,
    },
  });
  const pump = await streamPump(emulated.kinesis, emulated.streams, storage.log);
  const comeToRest = async (): Promise<void> => {
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const dueMs = await runtime.drain();
      await handlers.settle();
      const carried = await pump(nowMs());
      const isDrained = [...runtime.lag().values()].every((records) => records === 0);
      if (isDrained && carried === 0) return;
      if (dueMs !== undefined && carried === 0) aheadMs += Math.max(0, dueMs - nowMs());
    }
    problems.push(`not at rest after ${String(MAX_TURNS)} turns`);
  };
  try {
    const { lines } = await captured(async () => {
      for (const phase of scenario.phases) {
        faults.refill(FAULTS_A_PHASE);
        for (const chunk of phase) {
          for (const { sequenceNumber } of storage.log.put(scenario.source, chunk(nowMs()), nowMs()))
            labels.add(sequenceNumber);
          if (faults.chance.yes(0.5)) await comeToRest();
        }
        await comeToRest();
        // Some stand still until all partition keys are idle, and go on only then.
        if (faults.chance.yes(0.5)) await handlers.resumeAll();
        await comeToRest();
        for (let isOpen = true; isOpen;) {
          aheadMs += scenario.idleMs;
          handlers.resumeOne();
          await handlers.settle();
          const emitted = await runtime.sweep();
          await comeToRest();
          isOpen = emitted > 0 || (await hasTimers(emulated.state(), topology.processors));
        }
        await handlers.resumeAll();
        await comeToRest();
      }
    });
    const [letters, messages] = [await emulated.letters(), await emulated.messages()];
    const outputs = {
      ...runtime.outputs,
      deadLetters: () => letters,
      messages: () => messages.map((message, number) => ({ ...message, number })),
    };
    const seen = { ...runtime, outputs, storage: { ...storage, state: { ...storage.state, ...emulated.state() } } };
    const view = await runView(seen, labels, outcomes);
    return { view, problems, faults: faults.counts, books: booksIn(lines) };
  } finally {
    handlers.destroy();
    storage.close();
    await emulated.close();
  }
};

const hasTimers = async (state: StateStore, processors: readonly Processor[]): Promise<boolean> => {
  for (const { id, keyed } of processors) {
    if (keyed?.timers === undefined) continue;
    for await (const { timerMs } of state.items(id)) if (timerMs !== undefined) return true;
  }
  return false;
};

const booksIn = (lines: readonly Readonly<Record<string, unknown>>[]): readonly Books[] =>
  lines
    .filter((line) => '_aws' in line && bookMetric('in') in line)
    .map((line) => {
      const books = newTally();
      for (const column of BOOK_COLUMNS) books[column] = Number(line[bookMetric(column)]);
      return books;
    });
