import type { LocalRuntimeOptions } from '../../shared/runtime/local/local-runtime.ts';
import { batchResponse } from '../../shared/runtime/batch-response.ts';

/** A host whose function fails for good with the first fault of the machine. */
export interface FailFastHost {
  readonly host: NonNullable<LocalRuntimeOptions['host']>;
  /** Throws the fault, if there was one. To be called inside of each transaction, before it is committed. */
  check(): void;
}

/**
 * Runs processors so that a full disk ends the run.
 *
 * An event source mapping takes every throw for a failed function and tries again. But SQLite ends the whole transaction when the
 * disk is full, and what is tried after that would be kept, though it belongs to a cycle that is not.
 */
export const failFastHost = (): FailFastHost => {
  let fault: { readonly cause: unknown } | undefined;
  const check = (): void => {
    if (fault !== undefined) throw fault.cause;
  };
  return {
    check,
    host: (_processor, makeEngine, ports, report) => {
      const engine = makeEngine(ports);
      return {
        invoke: async (records) => {
          check();
          try {
            const result = await engine.process(records);
            report(result);
            return batchResponse(result);
          } catch (cause) {
            fault = { cause };
            throw cause;
          }
        },
        sweep: (which) => engine.sweep(which),
      };
    },
  };
};
