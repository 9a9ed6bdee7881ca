import type { BatchResult, Engine } from '../../../shared/engine/engine.ts';
import type { EnginePorts } from '../../../shared/engine/ports.ts';
import type { MakeEngine } from '../../../shared/runtime/local/local-runtime.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { faultyPorts } from '../../../shared/testing/faults.ts';
import { contendedStore } from './contended-store.ts';
import type { InvocationPlan } from './invocation-plan.ts';

/** One Lambda environment: an engine that stays warm from one invocation to the next, and takes one at a time. */
export class Environment {
  readonly name: string;
  readonly #engine: Engine;
  #plan: InvocationPlan | undefined;

  constructor(name: string, makeEngine: MakeEngine, ports: EnginePorts) {
    this.name = name;
    const state = contendedStore(ports.state, () => this.#plan?.isContended() ?? false);
    this.#engine = makeEngine(
      faultyPorts({ ...ports, state }, (point) => this.#plan?.decide(point) ?? { kind: 'none' }),
    );
  }

  process(records: readonly DeliveredRecord[], plan: InvocationPlan): Promise<BatchResult> {
    this.#plan = plan;
    return this.#engine.process(records);
  }

  sweep(which: 'idle' | 'all', plan: InvocationPlan): Promise<number> {
    this.#plan = plan;
    return this.#engine.sweep(which);
  }
}
