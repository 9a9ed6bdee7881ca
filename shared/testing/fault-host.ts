import type { EnginePorts } from '../engine/ports.ts';
import type { Processor } from '../processor/processor.ts';
import { batchResponse } from '../runtime/batch-response.ts';
import type { LocalRuntimeOptions } from '../runtime/local/local-runtime.ts';
import type { Stream } from '../stream/stream.ts';
import { faultyPorts, firstShare, type Fault, type IoPoint } from './faults.ts';

/** What a fault among the input does. All but a reshard strike the next batch of one processor. */
export type FaultAction =
  | { readonly kind: 'crash' | 'refuse'; readonly processor: string; readonly point: IoPoint; readonly share: number }
  | { readonly kind: 'zombie'; readonly processor: string; readonly point: IoPoint }
  | { readonly kind: 'duplicate'; readonly processor: string }
  | { readonly kind: 'lost-answer'; readonly processor: string }
  | { readonly kind: 'reshard'; readonly stream: Stream<unknown> };

/** A fault among the input of a test. */
export class InputFault {
  readonly action: FaultAction;

  constructor(action: FaultAction) {
    this.action = action;
  }
}

/** The process dies in the next batch of a processor, at a call it makes, after a `share` of what the call carries. */
export const crash = (processor: Processor, point: IoPoint, share = 0): InputFault =>
  new InputFault({ kind: 'crash', processor: processor.id, point, share });

/** The state store throttles all but a share of the writes of the next batch. */
export const throttledWrite = (processor: Processor, share = 0): InputFault =>
  new InputFault({ kind: 'refuse', processor: processor.id, point: 'write', share });

/** The streams take only a share of what the next batch emits. */
export const partialPut = (processor: Processor, share = 0.5): InputFault =>
  new InputFault({ kind: 'refuse', processor: processor.id, point: 'put', share });

/** The next batch stops at a call, is retried by another process, and goes on when the retry is done. */
export const zombie = (processor: Processor, point: IoPoint): InputFault =>
  new InputFault({ kind: 'zombie', processor: processor.id, point });

/** The next batch is delivered twice. */
export const duplicateDelivery = (processor: Processor): InputFault =>
  new InputFault({ kind: 'duplicate', processor: processor.id });

/** The next batch is processed well, and its answer is lost. */
export const lostAnswer = (processor: Processor): InputFault =>
  new InputFault({ kind: 'lost-answer', processor: processor.id });

/** A shard of the stream is split in two. */
export const reshard = (stream: Stream<unknown>): InputFault => new InputFault({ kind: 'reshard', stream });

/** Faults that have not struck yet, and how to let a zombie go on. */
export interface FaultSchedule {
  next: readonly FaultAction[];
  release?: (() => Promise<void>) | undefined;
}

/**
 * A host whose processes die and stand still as the schedule says. After a fault the processor runs on a new engine, as on
 * a new Lambda environment; with `new` it does so for every batch.
 */
export const faultHost =
  (schedule: FaultSchedule, environments: 'warm' | 'new'): NonNullable<LocalRuntimeOptions['host']> =>
  (processor, makeEngine, ports, report) => {
    let warm = makeEngine(ports);
    const take = (): FaultAction | undefined => {
      const found = schedule.next.find((action) => action.kind !== 'reshard' && action.processor === processor.id);
      schedule.next = schedule.next.filter((action) => action !== found);
      return found;
    };
    return {
      sweep: (which) => warm.sweep(which),
      invoke: async (records) => {
        const action = take();
        if (environments === 'new') warm = makeEngine(ports);
        const run = async (on: EnginePorts | undefined): Promise<unknown> => {
          const result = await (on === undefined ? warm : makeEngine(on)).process(records);
          report(result);
          return batchResponse(result);
        };
        switch (action?.kind) {
          case undefined:
          case 'reshard':
            return run(undefined);
          case 'duplicate':
            await run(undefined);
            warm = makeEngine(ports);
            return run(undefined);
          case 'lost-answer':
            await run(undefined);
            warm = makeEngine(ports);
            throw new Error('the answer was lost');
          case 'crash':
          case 'refuse': {
            warm = makeEngine(ports);
            const { kind, share } = action;
            return run(faultyPorts(ports, once(action.point, { kind, takes: firstShare(share) })));
          }
          case 'zombie': {
            warm = makeEngine(ports);
            const { promise, resolve } = Promise.withResolvers<undefined>();
            const slow = makeEngine(faultyPorts(ports, once(action.point, { kind: 'pause', until: promise })));
            const late = slow.process(records);
            schedule.release = async () => {
              schedule.release = undefined;
              resolve(undefined);
              await late;
            };
            throw new Error('the function took longer than its time-out');
          }
        }
      },
    };
  };

/** Asks for the fault at the first call of its kind. */
const once = (point: IoPoint, fault: Fault): ((at: IoPoint) => Fault) => {
  let isDone = false;
  return (at) => {
    if (isDone || at !== point) return { kind: 'none' };
    isDone = true;
    return fault;
  };
};
