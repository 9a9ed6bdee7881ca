import type { BatchResult, Engine } from '../../../shared/engine/engine.ts';
import type { EnginePorts } from '../../../shared/engine/ports.ts';
import type { MakeEngine } from '../../../shared/runtime/local/local-runtime.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { faultyPorts } from '../../../shared/testing/faults.ts';
import { contendedStore } from './contended-store.ts';
import type { InvocationPlan } from './invocation-plan.ts';

/** What an environment is made of. */
interface EnvironmentParts {
  readonly name: string;
  readonly makeEngine: MakeEngine;
  readonly ports: EnginePorts;
  /** How far its clock is ahead of the others', in milliseconds; below 0 for late. */
  readonly skewMs: number;
}

/** One Lambda environment: an engine that stays warm from one invocation to the next, and takes one at a time. */
export class Environment {
  readonly name: string;
  readonly #engine: Engine;
  #plan: InvocationPlan | undefined;
  #rival: () => Promise<void> = () => Promise.resolve();

  constructor({ name, makeEngine, ports, skewMs }: EnvironmentParts) {
    this.name = name;
    const state = contendedStore(ports.state, {
      isContended: () => this.#plan?.isContended() ?? false,
      beforeWrite: () => (this.#plan?.takeRival() === true ? this.#rival() : Promise.resolve()),
    });
    const nowMs = (): number => ports.nowMs() + skewMs;
    this.#engine = makeEngine(
      faultyPorts({ ...ports, state, nowMs }, (point) => this.#plan?.decide(point) ?? { kind: 'none' }),
    );
  }

  /** Processes a batch. `rival` is another environment that does the same, should the plan ask for one. */
  process(records: readonly DeliveredRecord[], plan: InvocationPlan, rival: () => Promise<void>): Promise<BatchResult> {
    this.#plan = plan;
    this.#rival = rival;
    return this.#engine.process(records);
  }

  sweep(which: 'idle' | 'all', plan: InvocationPlan): Promise<number> {
    this.#plan = plan;
    return this.#engine.sweep(which);
  }
}
