import { localRuntime } from '../../shared/runtime/local/local-runtime.ts';
import { memoryStorage } from '../../shared/runtime/local/local-storage.ts';
import type { SeededRandom } from './seeded-random.ts';
import { RawLabels } from './check/raw-labels.ts';
import type { Verdict } from './check/verdict.ts';
import { runView, type RunView } from './check/run-view.ts';
import { endure, judge, onGivenUp } from './parcel-run.ts';
import { openTimers } from './open-timers.ts';
import { observed, Outcomes } from './outcomes.ts';
import type { Chunk, Scenario } from './scenario/scenario.ts';
import { FaultyFunctions } from './world/faulty-functions.ts';
import { profileOf } from './world/profile.ts';
import type { Trace } from './world/trace.ts';
import { World } from './world/world.ts';

/** What a run under faults has left, and what was done to it. */
export interface FaultyRun {
  readonly view: RunView;
  readonly world: World;
  readonly outcomes: Outcomes;
  /** Whether another run of the same input must come to the same. */
  readonly isComparable: boolean;
  /** What a run came to that is judged by itself alone. */
  readonly verdict: Verdict | undefined;
}

/** No schedule needs nearly as many turns to come to rest. */
const MAX_TURNS = 3_000;

/** How far the clock may go on at a time while nothing can be done. */
const MAX_OUTAGE_STEP_MS = 20 * 60_000;

/** Runs a scenario under everything that a schedule holds for it. */
export const faultyRun = async (scenario: Scenario, chance: SeededRandom, trace: Trace): Promise<FaultyRun> => {
  const profile = profileOf(chance);
  const labels = new RawLabels();
  const outcomes = new Outcomes();
  const storage = memoryStorage();
  const world: World = new World({
    chance,
    profile,
    trace,
    table: scenario.parcels?.rules,
    put: (entries) => {
      for (const { sequenceNumber } of world.runtime.storage.log.put(scenario.source, entries, world.nowMs))
        labels.add(sequenceNumber);
    },
    start: () =>
      localRuntime({
        topology,
        storage,
        nowMs: () => world.nowMs,
        reference: scenario.reference,
        shards: profile.shards,
        host: functions.host,
        mapping: {
          ...profile.mapping(),
          ...(scenario.parcels !== undefined && { ...world.hardships.limits, onFailure: givenUp.onFailure }),
          observe: (event) => {
            if (event.kind === 'bisected') world.counts.add('bisect');
            if (scenario.parcels !== undefined) givenUp.observe(event);
            else if (event.kind === 'discarded') world.problems.push('the mapping discarded a batch');
          },
        },
      }),
  });
  const topology = observed(scenario.topology(world.code), outcomes);
  const functions = new FaultyFunctions(world);
  const givenUp = onGivenUp(world);
  const isFree = profile.isFree || scenario.parcels !== undefined;

  if (isFree) await workFreely(world, scenario);
  let begun: Chunk | undefined;
  for (const [index, phase] of isFree ? [] : scenario.phases.entries()) {
    await work(world, begun === undefined ? phase : phase.slice(1));
    begun = await fallIdle(world, functions, scenario.idleMs, scenario.phases[index + 1]);
  }
  await world.resumeAll();
  await comeToRest(world);
  const verdict =
    scenario.parcels === undefined ? undefined : await judge(world, scenario.parcels, () => comeToRest(world));
  await world.runtime.flush();
  const view = await runView(world.runtime, labels, outcomes);
  storage.close();
  return { view, world, outcomes, isComparable: !isFree, verdict };
};

/** One phase of the input, until all of it is done. */
const work = async (world: World, phase: readonly Chunk[]): Promise<void> => {
  const { chance } = world;
  world.begin(phase);
  for (let turns = 0; turns < MAX_TURNS; turns++) {
    if (chance.yes(0.5)) world.produce();
    world.turn();
    await moveOn(world);
    if (!world.hasInput && chance.yes(0.1)) world.deploy();
    if (!world.hasInput && world.code.isFixed && isDrained(world)) return;
    world.pollerTurn();
  }
  world.problems.push(`not at rest after ${String(MAX_TURNS)} turns`);
};

/** All of the input at once, in which partition keys fall idle again and again: sweeps race what comes. */
const workFreely = async (world: World, { phases, idleMs, parcels }: Scenario): Promise<void> => {
  const { chance } = world;
  world.begin(phases.flat());
  world.deploy();
  for (let turns = 0; turns < MAX_TURNS; turns++) {
    // Not in the midst of a retry: what was emitted must be committed before its partitions may count as idle.
    world.noteWork(isDrained(world));
    if (isDrained(world) && chance.yes(0.4)) {
      world.fallIdle(idleMs);
      world.counts.add('idle before more input');
      world.sweepWithCare();
    }
    if (parcels !== undefined) endure(world, parcels, isDrained(world));
    world.noteWork(isDrained(world));
    if (chance.yes(0.5)) world.produce();
    if (chance.yes(0.3)) world.sweepWithCare();
    world.turn();
    await moveOn(world);
    if (!world.hasInput && isDrained(world)) break;
  }
  world.calm();
  // Windows of wrong dates stay open until the end of the input.
  if (parcels === undefined) await finishSweep(world, () => world.runtime.sweep(), idleMs, false);
};

const moveOn = async (world: World): Promise<void> => {
  const { chance, runtime } = world;
  const dueMs = await runtime.drain();
  await world.settle();
  if (world.outage.isOn(world.nowMs)) world.nowMs += chance.below(MAX_OUTAGE_STEP_MS);
  world.nowMs =
    dueMs !== undefined && chance.yes(0.7) ? Math.max(world.nowMs, dueMs) : world.nowMs + chance.below(3_000);
};

const isDrained = ({ runtime }: World): boolean => [...runtime.lag().values()].every((records) => records === 0);

/** Until all is done that can be done. */
const comeToRest = async (world: World): Promise<void> => {
  for (let turns = 0; turns < MAX_TURNS; turns++) {
    await moveOn(world);
    if (world.overtaking !== 'no' ? turns > 3 : isDrained(world)) return;
  }
  world.problems.push(`not at rest after ${String(MAX_TURNS)} turns without faults`);
};

/**
 * All partition keys are idle: sweeps race each other, old batches and zombies; at last one comes through. Answers the
 * chunk of the next phase that is put already.
 */
const fallIdle = async (
  world: World,
  functions: FaultyFunctions,
  idleMs: number,
  next: readonly Chunk[] | undefined,
): Promise<Chunk | undefined> => {
  const { chance, profile } = world;
  const byFlush = next === undefined && chance.yes(0.5);
  const sweep = (): Promise<unknown> => (byFlush ? world.runtime.flush() : world.runtime.sweep());
  const begun = chance.yes(profile.overtaken) ? next?.[0] : undefined;
  world.calm();
  if (begun !== undefined) {
    world.overtaking = 'begun';
    world.put(begun);
    await comeToRest(world);
    world.overtaking = 'waiting';
  }
  world.fallIdle(idleMs + chance.below(600_000));
  world.enableFaults();
  for (let races = chance.below(4); races > 0; races--) {
    world.counts.add('sweep race');
    world.aside(sweep());
    if (chance.yes(profile.sweepRaces)) world.aside(sweep());
    if (chance.yes(profile.sweepRaces)) functions.repeatSomething();
    if (chance.yes(profile.sweepRaces)) world.resumeOne();
    await moveOn(world);
  }
  world.calm();
  await finishSweep(world, sweep, idleMs, next !== undefined && chance.yes(profile.halfSweeps));
  world.overtaking = 'no';
  return begun;
};

const finishSweep = async (
  world: World,
  sweep: () => Promise<unknown>,
  idleMs: number,
  isHalfEnough: boolean,
): Promise<void> => {
  world.sweepsFailHalfWay = isHalfEnough;
  for (let turns = 0; turns < MAX_TURNS; turns++) {
    await comeToRest(world);
    const { count, areDue } = await openTimers(world.runtime);
    if (isHalfEnough && count > 0 && areDue) world.counts.add('input goes on after half a sweep');
    if (count === 0 || (isHalfEnough && areDue)) break;
    world.nowMs += idleMs;
    await sweep();
    if (turns === MAX_TURNS - 1) world.problems.push('timers do not come to an end');
  }
  world.sweepsFailHalfWay = false;
};
