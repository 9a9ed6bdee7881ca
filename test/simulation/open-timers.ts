import type { LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';

/** Whether some key of some processor has a timer that is still to fire. */
export const hasOpenTimers = async ({ topology, storage }: LocalRuntime): Promise<boolean> => {
  for (const { id, keyed } of topology.processors) {
    if (keyed?.timers === undefined) continue;
    if ((await storage.state.idle(keyed.as?.name ?? id, Infinity)).length > 0) return true;
  }
  return false;
};
