import type { Keyed, Processor, TimerOptions } from '../processor/processor.ts';
import type { LaneProgress } from '../state/state-store.ts';
import { emitLanes } from './emit.ts';
import { fireTimers } from './fold.ts';
import { KeyedState } from './keyed-state.ts';
import { LaneWork } from './lane-work.ts';
import type { EnginePorts } from './ports.ts';

interface SweepContext {
  readonly processor: Processor;
  readonly keyed: Keyed;
  readonly timers: TimerOptions;
  readonly ports: EnginePorts;
  /** Partition keys that were active after this are left alone. */
  readonly quietSinceMs: number;
}

/** An idle lane, and the time through which its timers fire. */
interface IdleLane {
  readonly lane: LaneWork;
  readonly progress: LaneProgress;
  readonly dueMs: number;
}

/**
 * Fires the timers of idle partition keys. The watermark is moved first, under a condition: whoever processes a batch of such
 * a key later finds event time already there, and a batch that is under way has marked the key active, so that this sweep
 * finds nothing to do. Returns how many records and messages were written.
 */
export const sweepLanes = async (context: SweepContext, partitionKeys: readonly string[]): Promise<number> => {
  const { processor, keyed, timers, ports, quietSinceMs } = context;
  const state = new KeyedState(processor, keyed, ports.state, ports.nowMs);
  const read = await ports.state.progress(state.collection, partitionKeys);
  const nowMs = ports.nowMs();
  const idle = read
    .filter(({ activeAtMs }) => activeAtMs <= quietSinceMs)
    .map((progress): IdleLane => {
      const quietMs = Number.isFinite(progress.activeAtMs) ? nowMs - progress.activeAtMs : 0;
      const dueMs = timers.whenIdle === 'fire-all' ? Infinity : progress.watermarkMs + quietMs - timers.graceMs;
      return { lane: new LaneWork({ partitionKey: progress.partitionKey, events: [] }, processor), progress, dueMs };
    });
  await state.loadDue(idle);
  const due = idle.filter(({ lane }) => lane.works.size > 0);
  if (due.length === 0) return 0;

  const outcomes = await ports.state.advance(
    due.map(({ lane, progress, dueMs }) => {
      const firedMs = fireTimers(processor, keyed, lane, dueMs);
      const reachedMs = (timers.whenIdle === 'fire-all' ? firedMs : dueMs) + timers.graceMs;
      return {
        ...progress,
        watermarkMs: Math.max(progress.watermarkMs, reachedMs),
        // Where event time follows the clock, it goes on from here: the quiet time counted so far is in the watermark now.
        activeAtMs: timers.whenIdle === 'fire-all' ? progress.activeAtMs : nowMs,
      };
    }),
  );
  const lanes = due.filter((_, index) => outcomes[index] === 'written').map(({ lane }) => lane);

  const emitted = await emitLanes(lanes, ports.outputs);
  // What is not written here, because it was throttled or somebody was faster, the next sweep or batch finds still due.
  const whole = lanes.filter(({ incomplete }) => !incomplete);
  await state.commit(
    whole,
    whole.flatMap((lane) => [...lane.works.values()]),
  );
  return emitted;
};
