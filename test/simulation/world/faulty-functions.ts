import type { LocalRuntimeOptions } from '../../../shared/runtime/local/local-runtime.ts';
import { FaultyFunction } from './faulty-function.ts';
import type { World } from './world.ts';

/** The functions of a topology as they are in the wild: several environments each, and some are stale, slow, or die. */
export class FaultyFunctions {
  readonly #world: World;
  readonly #functions = new Map<string, FaultyFunction>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A poller that is started anew finds the functions, and what they keep warm, as they were. */
  readonly host: NonNullable<LocalRuntimeOptions['host']> = (processor, makeEngine, ports, report) => {
    const known = this.#functions.get(processor.id);
    const made = known ?? new FaultyFunction(this.#world, processor, makeEngine, ports);
    this.#functions.set(processor.id, made);
    return { invoke: (records) => made.invoke(records, report), sweep: (which) => made.sweep(which) };
  };

  /** Some function is given again, aside, what it was given before. */
  repeatSomething(): void {
    const made = this.#world.chance.pick([...this.#functions.values()]);
    this.#world.aside(made.repeat('in a sweep'));
  }
}
