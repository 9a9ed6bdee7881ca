import type { Keyed, Processor, TimerOptions } from '../processor/processor.ts';
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

/**
 * Fires the timers of one idle partition key. The watermark is moved first, under a condition: whoever processes a batch of
 * this key later finds event time already there, and a batch that is under way has marked the key active, so that this
 * sweep finds nothing to do.
 */
export const sweepLane = async (
  { processor, keyed, timers, ports, quietSinceMs }: SweepContext,
  partitionKey: string,
): Promise<number> => {
  const state = new KeyedState(processor, keyed, ports.state, ports.nowMs);
  const [progress] = await ports.state.progress(state.collection, [partitionKey]);
  if (progress === undefined || progress.activeAtMs > quietSinceMs) return 0;

  const nowMs = ports.nowMs();

  const quietMs = Number.isFinite(progress.activeAtMs) ? nowMs - progress.activeAtMs : 0;
  const throughMs = timers.whenIdle === 'fire-all' ? Infinity : progress.watermarkMs + quietMs - timers.graceMs;
  const lane = new LaneWork({ partitionKey, events: [] }, processor);
  await state.loadDue(lane, throughMs);
  if (lane.works.size === 0) return 0;

  const fired = fireTimers(processor, keyed, lane, throughMs);
  const reachedMs = timers.whenIdle === 'fire-all' ? fired + timers.graceMs : throughMs + timers.graceMs;
  const watermarkMs = Math.max(progress.watermarkMs, reachedMs);
  // Where event time follows the clock, it goes on from here: the quiet time counted so far is in the watermark now.
  const activeAtMs = timers.whenIdle === 'fire-all' ? progress.activeAtMs : nowMs;
  const moved = await ports.state.advance({ ...progress, watermarkMs, activeAtMs });
  if (moved !== 'written') return 0;

  const emitted = await emitLanes([lane], ports.outputs);
  // What is not written here, because it was throttled or somebody was faster, the next sweep or batch finds still due.
  if (!lane.incomplete) await state.commit([lane], [...lane.works.values()]);
  return emitted;
};
