import { collectionOf } from '../../shared/processor/processor.ts';
import type { LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';

/** Timers that are still to fire. */
interface OpenTimers {
  readonly count: number;
  /** Whether event time has passed all of them, so that nothing which comes can change what they will emit. */
  readonly areDue: boolean;
}

/** Looks at the timers of all processors. */
export const openTimers = async ({ topology, storage }: LocalRuntime): Promise<OpenTimers> => {
  let count = 0;
  let areDue = true;
  for (const processor of topology.processors) {
    const { keyed } = processor;
    if (keyed?.timers === undefined) continue;
    const collection = collectionOf(processor);
    for await (const { partitionKey, timerMs } of storage.state.items(collection)) {
      if (timerMs === undefined) continue;
      const [progress] = await storage.state.progress(collection, [partitionKey]);
      count += 1;
      areDue &&= timerMs <= (progress?.watermarkMs ?? -Infinity) - keyed.timers.graceMs;
    }
  }
  return { count, areDue };
};
