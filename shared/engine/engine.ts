import type { Processor } from '../processor/processor.ts';
import type { DeliveredRecord } from '../stream/delivered-record.ts';
import type { Partition } from './batch.ts';
import { newTally, type Books } from './books.ts';
import { commit, NOTHING_WRITTEN, type CommitResult, type Deliverable, type LargestItem } from './commit.ts';
import { decoder, type EngineOptions } from './decode.ts';
import { emit, type Emitted } from './emit.ts';
import { foldPartition, type FoldInput, type PartitionEffects } from './fold.ts';
import type { Item } from './item.ts';
import { KeyedState } from './keyed-state.ts';
import { lookupLoader, type TablesFor } from './lookups.ts';
import { PartitionRun } from './partition-run.ts';
import type { EnginePorts } from './ports.ts';
import type { MovedProgress } from './progress.ts';
import { ShardWatermarks, type ShardPromise } from './shard-watermarks.ts';
import { reread } from './state-format.ts';
import { sweep } from './sweep.ts';

/** The result of processing a batch. */
export interface BatchResult {
  readonly held: readonly HeldPartition[];
  readonly books: Books;
  /** How often a state key was folded again because another writer won. */
  readonly conflicts: number;
  /** The lowest watermark among the batch's partitions, after the batch. Undefined without timers, and where none is known. */
  readonly watermarkMs: number | undefined;
  /** Bytes and key of the largest state item written; 0 and undefined where none was. */
  readonly largestItemBytes: number;
  readonly largestItemKey: string | undefined;
}

/** A partition that must be delivered again, from this record on. */
export interface HeldPartition {
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
   * Fires the timers of idle partition keys, under the same conditional writes as a batch, so that it may race one. Returns how
   * many records and messages it emitted. `'all'` says that the input has ended: every timer fires.
   */
  sweep(which: 'idle' | 'all'): Promise<number>;
}

/** How often a batch that loses a conditional write is folded again before the partition is held. */
const MAX_ROUNDS = 5;

const OURS: EngineOptions = { inputIsForeign: false };

/**
 * Makes the engine of a processor. A batch goes through six verbs, in this order: decode, load, fold, emit, commit, answer.
 *
 * Emitting before committing means that a crash repeats outputs and never loses one; repeats have the origin they had, so
 * the ledger of their readers drops them. What a fold comes to is a plain value, and folding again makes a new one.
 */
export const engine = (processor: Processor, ports: EnginePorts, options: EngineOptions = OURS): Engine => {
  const { keyed } = processor;
  const decode = decoder(processor, options);
  const loadTables = lookupLoader(processor, ports.tables);
  const state = keyed === undefined ? undefined : new KeyedState(processor, keyed, ports.state, ports.nowMs);
  const shards = new ShardWatermarks(processor, ports.state, ports.nowMs);
  const prepare = preparation(processor);
  const hasTimers = keyed?.timers !== undefined;

  const process = async (records: readonly DeliveredRecord[]): Promise<BatchResult> => {
    await prepare();
    const startedMs = ports.nowMs();
    const shard = records[0]?.shard;
    const partitions = decode(records);
    const batch = await load(partitions, shard);

    let conflicts = 0;
    let largest = NOTHING_WRITTEN;
    let round: readonly PartitionRun[] = batch.runs.filter(({ isComplete }) => isComplete);
    for (let left = MAX_ROUNDS; round.length > 0; left -= 1) {
      if (isOverdue(startedMs, round)) break;
      let effects = round.map((run) => foldPartition(foldInput(run, batch)));
      if (!batch.promise.isRekeying && effects.some(({ isRekeyed }) => isRekeyed)) {
        // The first batch that changes a key: its records whose key stayed must not move event time on their own either.
        batch.promise = { ...batch.promise, isRekeying: true };
        effects = round.map((run) => foldPartition(foldInput(run, batch, true)));
      }
      const emitted = await emit(effects, ports.outputs, processor);
      if (isOverdue(startedMs, round)) break;
      const deliverable = entered(round, effects, emitted);
      const again = round.filter(({ hasNewFaults }) => hasNewFaults);
      const { lost, largest: written } = await committed(deliverable);
      if (written.bytes > largest.bytes) largest = written;
      conflicts += lost.reduce((sum, { keys }) => sum + keys.length, 0);
      if (left === 0) {
        for (const { run, keys } of lost) run.holdKeys(keys, 'other writers keep winning its keys', hasTimers);
        for (const run of again) run.hold('its outputs are refused in every round');
        break;
      }
      for (const one of lost) await state?.restart(one);
      round = [...lost.map(({ run }) => run), ...again];
    }

    const watermarkMs = await state?.finish(batch.runs);
    await shards.advance(shard, batch.runs, firstHeldIndex(batch.runs));
    return answer(batch.runs, { conflicts, largest, watermarkMs });
  };

  /** What the folds need: rows, event time, items. Event time is read strictly before items. */
  const load = async (partitions: readonly Partition[], shard: string | undefined): Promise<Batch> => {
    const [tablesFor, promise, progress] = await Promise.all([
      loadTables(partitions),
      shards.promise(shard),
      state?.progress(partitions.map(({ partitionKey }) => partitionKey)),
    ]);
    const active = partitions.filter(({ partitionKey }) => isActive(progress?.get(partitionKey)));
    const items = await state?.load(active, progress ?? NO_PROGRESS);
    const runs = partitions.map((partition) => {
      const { partitionKey } = partition;
      const moved = progress?.get(partitionKey);
      const run = new PartitionRun(partition, items?.get(partitionKey) ?? new Map<string, Item>(), moved?.progress);
      if (!isActive(moved)) run.hold('it could not be marked active: the state store throttles');
      return run;
    });
    return { runs, tablesFor, promise };
  };

  const foldInput = (run: PartitionRun, { tablesFor, promise }: Batch, isAgain = run.hasNewFaults): FoldInput => ({
    processor,
    format: state?.format,
    partition: run.partition,
    // Steps of the fold before may have changed states in place.
    items: isAgain ? reread(run.items, state?.format) : run.items,
    watermarkMs: run.watermarkMs,
    stopsAt: run.stopsAt,
    tablesFor,
    faults: run.faults,
    promises: promise.promises,
    isRekeying: promise.isRekeying,
  });

  const committed = (deliverable: readonly Deliverable[]): Promise<CommitResult> | CommitResult =>
    state === undefined
      ? { lost: [], largest: NOTHING_WRITTEN }
      : commit({ state, processor, outputs: ports.outputs }, deliverable);

  /** Holds everything of a batch that has taken so long that a sweep may have closed what it is about to write. */
  const isOverdue = (startedMs: number, round: readonly PartitionRun[]): boolean => {
    if (state?.isOverdue(startedMs) !== true) return false;
    for (const run of round) run.hold('the batch took so long that a sweep may have treated its partitions as idle');
    return true;
  };

  return { process, sweep: (which) => sweep(processor, ports, which) };
};

/** A batch under way. */
interface Batch {
  readonly runs: readonly PartitionRun[];
  readonly tablesFor: TablesFor;
  promise: ShardPromise;
}

const NO_PROGRESS: ReadonlyMap<string, MovedProgress> = new Map();

/** Whether a partition may be processed: a sweep leaves it alone. */
const isActive = (moved: MovedProgress | undefined): boolean =>
  moved === undefined || moved.outcome === 'unchanged' || moved.outcome === 'written';

/** Loads what codecs need, before the first batch; a failure fails the batch, and the next one tries again. */
const preparation = ({ from, to }: Processor): (() => Promise<unknown>) => {
  const streams = [from, ...Object.values(to).filter((output) => output.kind === 'stream')];
  let prepared: Promise<unknown> | undefined;
  return () =>
    (prepared ??= Promise.all(streams.map(({ codec }) => codec.prepare?.() ?? Promise.resolve())).catch(
      (error: unknown) => {
        prepared = undefined;
        throw error;
      },
    ));
};

/** Enters what a round came to, and gives the partitions that may be committed. */
const entered = (
  round: readonly PartitionRun[],
  effects: readonly PartitionEffects[],
  emitted: readonly Emitted[],
): readonly Deliverable[] =>
  round.flatMap((run, index) => {
    const [effect, result] = [effects[index], emitted[index]];
    return effect !== undefined && result !== undefined && run.enter(effect, result)
      ? [{ run, drafts: effect.drafts }]
      : [];
  });

const firstHeldIndex = (runs: readonly PartitionRun[]): number =>
  runs.reduce((first, { held }) => Math.min(first, held?.event.index ?? Infinity), Infinity);

const answer = (
  runs: readonly PartitionRun[],
  { conflicts, largest, watermarkMs }: { conflicts: number; largest: LargestItem; watermarkMs: number | undefined },
): BatchResult => {
  const books = newTally();
  for (const { outcomes, emitted } of runs) {
    for (const outcome of outcomes) books[outcome] += 1;
    books.in += outcomes.length;
    books.emitted += emitted;
  }
  const held = runs.flatMap(({ held: one }) => {
    if (one === undefined) return [];
    const { event, because } = one;
    return [{ partitionKey: event.partitionKey, sequenceNumber: event.record.sequenceNumber, because }];
  });
  return { held, books, conflicts, watermarkMs, largestItemBytes: largest.bytes, largestItemKey: largest.key };
};
