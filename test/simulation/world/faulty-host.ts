import { missing } from '../../../shared/engine/books.ts';
import type { BatchResult } from '../../../shared/engine/engine.ts';
import type { EnginePorts } from '../../../shared/engine/ports.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import { batchResponse } from '../../../shared/runtime/batch-response.ts';
import type { Host, LocalRuntimeOptions, MakeEngine } from '../../../shared/runtime/local/local-runtime.ts';
import { InvocationThrottledError } from '../../../shared/runtime/local/mapping/invocation.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { Crash, type IoPoint } from '../../../shared/testing/faults.ts';
import { DeliveryHistory } from './delivery-history.ts';
import { Environment } from './environment.ts';
import { InvocationPlan, type PlanKind } from './invocation-plan.ts';
import type { World } from './world.ts';

const MOST_WARM = 3;
/** Calls of an invocation, before one was seen. */
const SOME_CALLS = 6;

type MakeHost = NonNullable<LocalRuntimeOptions['host']>;

/** What the caller of an invocation gets in place of an answer. */
class CallerGaveUp extends Error {
  override readonly name = 'CallerGaveUp';
}

/** Functions of a topology as they are in the wild: several environments each, of which some are stale, slow, or die. */
export class FaultyFunctions {
  readonly #world: World;
  readonly #functions: FaultyFunction[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  readonly host: MakeHost = (processor, makeEngine, ports, report) => {
    const made = new FaultyFunction(this.#world, processor, makeEngine, ports, report);
    this.#functions.push(made);
    return made;
  };

  /** Some function is given again what it was given long ago. */
  repeatSomething(): void {
    this.#world.chance.pick(this.#functions).repeatSomething();
  }
}

class FaultyFunction implements Host {
  readonly #world: World;
  readonly #id: string;
  readonly #tellsPeople: boolean;
  readonly #makeEngine: MakeEngine;
  readonly #ports: EnginePorts;
  readonly #report: (result: BatchResult) => void;
  readonly #history = new DeliveryHistory();
  readonly #warm: Environment[] = [];
  #environments = 0;
  #usualCalls = SOME_CALLS;

  constructor(
    world: World,
    processor: Processor,
    makeEngine: MakeEngine,
    ports: EnginePorts,
    report: (result: BatchResult) => void,
  ) {
    this.#world = world;
    this.#id = processor.id;
    this.#tellsPeople = Object.values(processor.to).some(({ kind }) => kind === 'notification');
    this.#makeEngine = makeEngine;
    this.#ports = ports;
    this.#report = report;
  }

  async invoke(records: readonly DeliveredRecord[]): Promise<unknown> {
    const { profile, counts, chance } = this.#world;
    this.#world.turn();
    this.#history.note(records);
    if (this.#world.wants(profile.throttledInvocation)) {
      counts.add('throttled invocation');
      throw new InvocationThrottledError('no environment is free');
    }
    const repeats = this.#world.wants(profile.duplicate) ? chance.pick(['before', 'beside', 'after'] as const) : 'never';
    if (repeats === 'before') await this.#repeat(repeats);
    if (repeats === 'beside') this.#world.aside(this.#repeat(repeats));
    const result = await this.#attempt(records, 'batch');
    if (repeats === 'after') this.#world.aside(this.#repeat(repeats));
    if (this.#world.wants(profile.lostResponse)) {
      counts.add('lost response');
      this.#world.trace.say(`${this.#id} did it, and nobody heard`);
      throw new CallerGaveUp('the response was lost');
    }
    this.#report(result);
    return batchResponse(result);
  }

  async sweep(which: 'idle' | 'all'): Promise<number> {
    const environment = this.#take();
    const { plan, timeOut } = this.#newPlan('sweep');
    this.#world.trace.say(`${environment.name} sweeps ${which}`);
    try {
      return await Promise.race([this.#watch(environment, plan, environment.sweep(which, plan)), timeOut]);
    } catch (error) {
      this.#checkError(error);
      return 0;
    }
  }

  repeatSomething(): void {
    this.#world.aside(this.#repeat('in a sweep'));
  }

  async #repeat(when: string): Promise<void> {
    const records = this.#history.oldBatch(this.#world.chance);
    if (records.length === 0) return;
    this.#world.counts.add(`duplicate delivery ${when}`);
    if (this.#tellsPeople && when === 'beside') this.#world.mailRisks += 1;
    // Nobody waits for it, so that nobody learns how it ended.
    await this.#attempt(records, 'repeat').catch(() => undefined);
  }

  async #attempt(records: readonly DeliveredRecord[], what: string): Promise<BatchResult> {
    const { trace, problems } = this.#world;
    const environment = this.#take();
    const { plan, timeOut } = this.#newPlan(what);
    const first = records[0]?.sequenceNumber.slice(-6) ?? '';
    const last = records.at(-1)?.sequenceNumber.slice(-6) ?? '';
    trace.say(`${environment.name} takes ${what} ${first} to ${last} (${String(records.length)})`);
    const work = this.#watch(environment, plan, environment.process(records, plan)).then((result) => {
      const { books, held } = result;
      trace.say(`${environment.name} is done: ${JSON.stringify(books)} ${held.map(({ because }) => because).join('; ')}`);
      if (missing(books) !== 0) problems.push(`the books of ${this.#id} do not balance: ${JSON.stringify(books)}`);
      return result;
    });
    try {
      return await Promise.race([work, timeOut]);
    } catch (error) {
      this.#checkError(error);
      throw error;
    }
  }

  async #watch<Result>(environment: Environment, plan: InvocationPlan, work: Promise<Result>): Promise<Result> {
    const result = await work;
    this.#usualCalls = Math.max(1, plan.calls);
    if (this.#warm.length >= MOST_WARM) this.#warm.splice(this.#world.chance.below(MOST_WARM), 1);
    this.#warm.push(environment);
    return result;
  }

  #take(): Environment {
    const { chance, profile } = this.#world;
    if (this.#warm.length > 0 && !chance.yes(profile.newEnvironment)) {
      const [taken] = this.#warm.splice(chance.below(this.#warm.length), 1);
      if (taken !== undefined) return taken;
    }
    const name = `${this.#id} #${String(++this.#environments)}`;
    return new Environment(name, this.#makeEngine, this.#ports, this.#newPlan('nothing').plan);
  }

  #newPlan(what: string): { readonly plan: InvocationPlan; readonly timeOut: Promise<never> } {
    const { chance, profile } = this.#world;
    const { promise: timeOut, reject } = Promise.withResolvers<never>();
    timeOut.catch(() => undefined);
    const plan = new InvocationPlan(
      what === 'nothing' ? 'none' : this.#planKind(),
      chance.below(this.#usualCalls + 1),
      profile.slowCall,
      chance,
      {
        struck: (fault, point) => {
          this.#struck(what, fault, point);
        },
        paused: (point, resume) => {
          this.#world.pause(`a ${what} of ${this.#id} that stood at '${point}'`, resume);
          reject(new CallerGaveUp('the function took too long'));
        },
      },
    );
    return { plan, timeOut };
  }

  #planKind(): PlanKind {
    const { profile } = this.#world;
    if (this.#world.wants(profile.crash)) return 'crash';
    if (this.#world.wants(profile.refuse)) return 'refuse';
    return this.#world.canPause && this.#world.wants(profile.zombie) ? 'zombie' : 'none';
  }

  #struck(what: string, fault: string, point: IoPoint): void {
    this.#world.counts.add(`${what === 'sweep' ? 'sweep ' : ''}${fault} at ${point}`);
    this.#world.trace.say(`${fault} at ${point} of ${this.#id}`);
    const isBetween = point === 'notify' || point === 'write';
    if (this.#tellsPeople && (fault === 'zombie' || isBetween)) this.#world.mailRisks += 1;
  }

  /** What an engine throws of its own accord is a broken engine. */
  #checkError(error: unknown): void {
    if (error instanceof Crash || error instanceof CallerGaveUp) return;
    this.#world.problems.push(`${this.#id} threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
