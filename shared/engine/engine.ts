import type { Keyed, Processor } from '../processor/processor.ts';
import type { DeliveredRecord } from '../stream/delivered-record.ts';
import { newTally, type Books } from './books.ts';
import { emitLanes } from './emit.ts';
import { decoder, type EngineOptions } from './event.ts';
import { foldLane, reachOf } from './fold.ts';
import type { KeyWork } from './key-work.ts';
import { KeyedState } from './keyed-state.ts';
import { LaneWork } from './lane-work.ts';
import { lookupLoader, type TablesFor } from './lookups.ts';
import type { EnginePorts } from './ports.ts';
import { sweepLanes } from './sweep.ts';

/** What became of a batch. */
export interface BatchResult {
  readonly held: readonly HeldLane[];
  readonly books: Books;
  /** How often a state key was folded again, because another writer was faster. */
  readonly conflicts: number;
  /**
   * How far event time has come in that lane of the batch where it is furthest behind, after the batch. Undefined without
   * timers, and where no lane has got to know any event time.
   */
  readonly watermarkMs: number | undefined;
}

/** A lane that must be delivered again, from this record on. */
export interface HeldLane {
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly because: string;
}

/**
 * The batch protocol, for one processor. An engine may process batches of different partition keys at the same time;
 * engines of one processor may race for the same ones.
 */
export interface Engine {
  process(records: readonly DeliveredRecord[]): Promise<BatchResult>;
  /**
   * Fires the timers of partition keys that are idle, under the same conditional writes as a batch, so that it may race
   * one. Returns how many records it emitted. `'all'` takes every partition key for idle: the input has ended.
   */
  sweep(which: 'idle' | 'all'): Promise<number>;
}

/** How often a batch that loses a conditional write is folded again before the lane is held. */
const MAX_ROUNDS = 5;

/** How many idle lanes are swept together: few enough that what all of them give out fits in memory. */
const LANES_A_SWEEP = 32;

const OURS: EngineOptions = { inputIsForeign: false };

/**
 * Makes the engine of a processor: decode, load, fold, emit, commit, in this order.
 *
 * Emitting before committing means that a crash repeats outputs and never loses one; repeats have the origin they had, so
 * the ledger of whoever reads them drops them.
 */
export const engine = (processor: Processor, ports: EnginePorts, options: EngineOptions = OURS): Engine => {
  const decode = decoder(processor, options);
  const loadTables = lookupLoader(processor, ports.tables);
  const { keyed } = processor;
  if (keyed === undefined) {
    return {
      process: async (records) => {
        const lanes = decode(records).map((events) => new LaneWork(events, processor));
        const tablesFor = await loadTables(lanes);
        for (const lane of lanes) foldLane(processor, lane, tablesFor);
        return resultOf(lanes, { emitted: await emitLanes(lanes, ports.outputs), conflicts: 0 });
      },
      sweep: () => Promise.resolve(0),
    };
  }

  const state = new KeyedState(processor, keyed, ports.state, ports.nowMs);
  return {
    process: async (records) => {
      const lanes = decode(records).map((events) => new LaneWork(events, processor));
      const tablesFor = await loadTables(lanes);
      const startedMs = ports.nowMs();
      await state.readProgress(lanes);
      const going = lanes.filter(({ incomplete }) => !incomplete);
      await state.loadKeys(going);
      await loadDue(keyed, state, going);
      for (const lane of going) foldLane(processor, lane, tablesFor);
      const done = await emitAndCommit({ processor, keyed, state, ports, tablesFor, startedMs }, going);
      await state.advance(going);
      for (const lane of going) state.keepWarm(lane);
      return resultOf(lanes, done);
    },
    sweep: async (which) => {
      if (keyed.timers === undefined) return 0;
      let emitted = 0;
      const quietSinceMs = which === 'all' ? Infinity : ports.nowMs() - keyed.timers.idleAfterMs;
      const idle = await ports.state.idle(state.collection, quietSinceMs);
      for (let from = 0; from < idle.length; from += LANES_A_SWEEP) {
        const some = idle.slice(from, from + LANES_A_SWEEP);
        emitted += await sweepLanes({ processor, keyed, timers: keyed.timers, ports, quietSinceMs }, some);
      }
      return emitted;
    },
  };
};

/** Loads what the batch does not touch and event time may pass. */
const loadDue = async ({ timers }: Keyed, state: KeyedState, lanes: readonly LaneWork[]): Promise<void> => {
  if (timers === undefined) return;
  const due: { readonly lane: LaneWork; readonly dueMs: number }[] = [];
  for (const lane of lanes) {
    const reachMs = reachOf(lane);
    if (reachMs > -Infinity) due.push({ lane, dueMs: reachMs - timers.graceMs });
  }
  await state.loadDue(due);
};

interface Round {
  readonly processor: Processor;
  readonly keyed: Keyed;
  readonly state: KeyedState;
  readonly ports: EnginePorts;
  readonly tablesFor: TablesFor;
  readonly startedMs: number;
}

/** What emitting and committing came to. */
type Done = Pick<BatchResult, 'conflicts'> & { readonly emitted: number };

const emitAndCommit = async (round: Round, lanes: readonly LaneWork[]): Promise<Done> => {
  const { processor, state, ports, tablesFor } = round;
  let emitted = 0;
  let folded = 0;
  let works: readonly KeyWork[] | undefined;
  for (let left = MAX_ROUNDS; ; left--) {
    abandonIfLate(round, lanes);
    emitted += await emitLanes(
      lanes.filter(({ incomplete }) => !incomplete),
      ports.outputs,
    );
    abandonIfLate(round, lanes);

    const alive = new Set(lanes.flatMap((lane) => [...lane.works.values()]));
    const conflicts = await state.commit(
      lanes,
      [...(works ?? alive)].filter((work) => alive.has(work)),
    );
    if (conflicts.length === 0) return { emitted, conflicts: folded };
    if (left === 0) {
      for (const work of conflicts)
        state.giveUp(lanes, work, `key '${work.address.key}' is written by others all the time`);
      return { emitted, conflicts: folded };
    }
    folded += conflicts.length;
    await state.reload(conflicts);
    for (const lane of lanes) {
      lane.startRound();
      for (const work of conflicts) {
        if (lane.works.get(work.address.key) !== work) continue;
        foldLane(processor, lane, tablesFor, work);
      }
    }
    works = conflicts;
  }
};

/** A sweep may have taken the lanes of a batch for idle that takes so long; nothing that it found out is sure any more. */
const abandonIfLate = ({ keyed: { timers }, ports, startedMs }: Round, lanes: readonly LaneWork[]): void => {
  if (timers === undefined || ports.nowMs() - startedMs <= timers.idleAfterMs / 2) return;
  for (const lane of lanes) lane.abandon('the batch took so long that its lanes may count as idle');
};

const resultOf = (lanes: readonly LaneWork[], { emitted, conflicts }: Done): BatchResult => {
  const books = newTally();
  books.emitted = emitted;
  for (const lane of lanes) {
    for (const { outcome } of lane.events) books[outcome] += 1;
    books.in += lane.events.length;
  }
  const held = lanes.flatMap(({ partitionKey, firstHeld, heldBecause = 'unknown' }) =>
    firstHeld === undefined ? [] : [{ partitionKey, sequenceNumber: firstHeld, because: heldBecause }],
  );
  return { held, books, conflicts, watermarkMs: lowestWatermark(lanes) };
};

const lowestWatermark = (lanes: readonly LaneWork[]): number | undefined => {
  let lowestMs = Infinity;
  for (const { progress } of lanes) {
    const { watermarkMs } = progress ?? {};
    if (watermarkMs !== undefined && watermarkMs > -Infinity) lowestMs = Math.min(lowestMs, watermarkMs);
  }
  return lowestMs === Infinity ? undefined : lowestMs;
};
