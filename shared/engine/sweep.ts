import type { Processor, TimerOptions } from '../processor/processor.ts';
import type { PartitionProgress } from '../state/state-store.ts';
import { emit } from './emit.ts';
import { fireTimers } from './fold.ts';
import { KeyedState } from './keyed-state.ts';
import { noTables } from './lookups.ts';
import type { EnginePorts } from './ports.ts';

interface SweepContext {
  readonly processor: Processor;
  readonly timers: TimerOptions;
  readonly ports: EnginePorts;
  /** Partition keys that were active after this are left alone; Infinity at the end of input. */
  readonly quietSinceMs: number;
}

/** How many idle partitions are swept together: small enough that their combined output fits in memory. */
const PARTITIONS_PER_SWEEP = 32;

/** Fires the timers of idle partition keys. Returns how many records and messages were written. */
export const sweep = async (processor: Processor, ports: EnginePorts, which: 'idle' | 'all'): Promise<number> => {
  const { keyed } = processor;
  if (keyed?.timers === undefined) return 0;
  const state = new KeyedState(processor, keyed, ports.state, ports.nowMs);
  const quietSinceMs = which === 'all' ? Infinity : ports.nowMs() - keyed.timers.idleAfterMs;
  const idle = await ports.state.idle(state.collection, quietSinceMs);
  let emitted = 0;
  for (let from = 0; from < idle.length; from += PARTITIONS_PER_SWEEP) {
    const context = { processor, timers: keyed.timers, ports, quietSinceMs };
    emitted += await sweepPartitions(context, state, idle.slice(from, from + PARTITIONS_PER_SWEEP));
  }
  return emitted;
};

/**
 * The watermark is moved first, under a condition: a later batch of such a key sees event time there already, and a batch that
 * is under way has marked the key active, so that this sweep finds nothing to do.
 */
const sweepPartitions = async (
  { processor, timers, ports, quietSinceMs }: SweepContext,
  state: KeyedState,
  partitionKeys: readonly string[],
): Promise<number> => {
  const nowMs = ports.nowMs();
  const progress = await ports.state.progress(state.collection, partitionKeys);
  const idle = progress
    .filter(({ activeAtMs }) => activeAtMs <= quietSinceMs)
    .map((read) => ({ ...read, dueMs: dueTime(timers, read, nowMs, quietSinceMs === Infinity) }));
  const items = await state.due(idle);

  const due = idle.flatMap(({ dueMs, ...read }) => {
    const ofPartition = items.get(read.partitionKey);
    if (ofPartition === undefined || ofPartition.size === 0) return [];
    const rearmedDueMs = dueMs === Infinity ? read.watermarkMs - timers.graceMs : dueMs;
    const effects = fireTimers(
      {
        processor,
        format: state.format,
        partition: { partitionKey: read.partitionKey, events: [] },
        items: ofPartition,
        watermarkMs: read.watermarkMs,
        stopsAt: Infinity,
        tablesFor: noTables,
        faults: new Map(),
        promises: new Map(),
        isRekeying: false,
      },
      dueMs,
      rearmedDueMs,
    );
    return [{ effects, next: after(timers, read, nowMs, dueMs, effects.watermarkMs) }];
  });
  if (due.length === 0) return 0;

  const outcomes = await ports.state.advance(due.map(({ next }) => next));
  const won = due.filter((_, index) => outcomes[index] === 'written').map(({ effects }) => effects);
  const emitted = await emit(won, ports.outputs, processor);
  // What is not written here, because it was throttled or another writer won, the next sweep or batch finds still due.
  const whole = won.filter((_, index) => emitted[index]?.held === undefined);
  await state.commit(whole.flatMap(({ drafts }) => drafts));
  return emitted.reduce((sum, { count }) => sum + count, 0);
};

/** Through which event time timers fire. */
const dueTime = (
  { graceMs, whenIdle }: TimerOptions,
  { watermarkMs, activeAtMs }: PartitionProgress,
  nowMs: number,
  isEnd: boolean,
): number => {
  if (isEnd) return Infinity;
  if (whenIdle === 'fire-all') return nowMs - graceMs;
  // Where no record has moved event time, the clock is all there is.
  return (watermarkMs === -Infinity ? nowMs : watermarkMs + quietFor(activeAtMs, nowMs)) - graceMs;
};

const quietFor = (activeAtMs: number, nowMs: number): number => (Number.isFinite(activeAtMs) ? nowMs - activeAtMs : 0);

/** The progress of a partition whose timers have fired. */
const after = (
  { graceMs, whenIdle, idleAfterMs }: TimerOptions,
  read: PartitionProgress,
  nowMs: number,
  dueMs: number,
  firedMs: number,
): PartitionProgress => {
  if (dueMs === Infinity || whenIdle === 'fire-all') {
    return { ...read, watermarkMs: Math.max(read.watermarkMs, firedMs + graceMs) };
  }
  // Event time goes on with the clock. What counts as quiet from here on is idleAfterMs, so that the next sweep looks again.
  const quietMs = quietFor(read.activeAtMs, nowMs);
  if (quietMs <= idleAfterMs) return read;
  return { ...read, watermarkMs: read.watermarkMs + quietMs - idleAfterMs, activeAtMs: nowMs - idleAfterMs };
};
