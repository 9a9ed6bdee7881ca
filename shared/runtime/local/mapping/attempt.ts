import type { InvocationBatch, Invoke } from './invocation.ts';
import { InvocationThrottledError } from './invocation.ts';
import { interpretResponse } from './response.ts';
import type { ResponseRules } from './response.ts';
import type { Outcome } from './settle.ts';

/** Calls the function once and says how that ended; whatever the function throws is an outcome. */
export const attempt = async (invoke: Invoke, batch: InvocationBatch, rules: ResponseRules): Promise<Outcome> => {
  try {
    return interpretResponse(await invoke(batch), batch.records, rules);
  } catch (error) {
    if (error instanceof InvocationThrottledError) return { kind: 'throttled' };
    return { kind: 'thrown', reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
};
