import type { BatchResult, Engine } from '../../../shared/engine/engine.ts';
import type { EnginePorts } from '../../../shared/engine/ports.ts';
import type { MakeEngine } from '../../../shared/runtime/local/local-runtime.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { faultyPorts } from '../../../shared/testing/faults.ts';
import type { ConditionalWrite } from '../../../shared/state/state-store.ts';
import { contendedStore } from './contended-store.ts';
import type { EditedTable } from './edited-table.ts';
import type { InvocationPlan } from './invocation-plan.ts';

/** What an environment is made of. */
interface EnvironmentParts {
  readonly name: string;
  readonly makeEngine: MakeEngine;
  readonly ports: EnginePorts;
  /** How far its clock is ahead of the others', in milliseconds; below 0 for late. */
  readonly skewMs: number;
  /** Whether the store will never take this item. */
  readonly isRefused: (write: ConditionalWrite) => boolean;
  /** A table that is edited, of which each environment has a cache; undefined where tables stay as they are. */
  readonly table: EditedTable<unknown> | undefined;
}

/** One Lambda environment: an engine that stays warm from one invocation to the next, and takes one at a time. */
export class Environment {
  readonly name: string;
  readonly #engine: Engine;
  #plan: InvocationPlan | undefined;
  #rival: () => Promise<void> = () => Promise.resolve();

  constructor({ name, makeEngine, ports, skewMs, isRefused, table }: EnvironmentParts) {
    this.name = name;
    const state = contendedStore(ports.state, {
      isContended: () => this.#plan?.isContended() ?? false,
      beforeWrite: () => (this.#plan?.takeRival() === true ? this.#rival() : Promise.resolve()),
      isRefused,
    });
    const nowMs = (): number => ports.nowMs() + skewMs;
    const tables = table?.portFor(nowMs) ?? ports.tables;
    this.#engine = makeEngine(
      faultyPorts({ ...ports, state, tables, nowMs }, (point) => this.#plan?.decide(point) ?? { kind: 'none' }),
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
