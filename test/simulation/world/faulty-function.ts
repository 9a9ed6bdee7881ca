import { missing } from '../../../shared/engine/books.ts';
import type { BatchResult } from '../../../shared/engine/engine.ts';
import type { EnginePorts } from '../../../shared/engine/ports.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import { batchResponse } from '../../../shared/runtime/batch-response.ts';
import type { MakeEngine } from '../../../shared/runtime/local/local-runtime.ts';
import { InvocationThrottledError } from '../../../shared/runtime/local/mapping/invocation.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { Crash, type IoPoint } from '../../../shared/testing/faults.ts';
import { DeliveryHistory } from './delivery-history.ts';
import { Environment } from './environment.ts';
import { InvocationPlan, type PlanKind } from './invocation-plan.ts';
import type { World } from './world.ts';

const MAX_WARM = 3;
/** Calls that an invocation makes, before one was seen. */
const SOME_CALLS = 6;

/** What the caller of an invocation gets in place of an answer. */
class CallerGaveUp extends Error {
  override readonly name = 'CallerGaveUp';
}

/** One function and its environments. */
export class FaultyFunction {
  readonly #world: World;
  readonly #id: string;
  readonly #tellsPeople: boolean;
  readonly #hasTimers: boolean;
  readonly #makeEngine: MakeEngine;
  readonly #ports: EnginePorts;
  readonly #history = new DeliveryHistory();
  readonly #warm: Environment[] = [];
  #environments = 0;
  #usualCalls = SOME_CALLS;

  constructor(world: World, processor: Processor, makeEngine: MakeEngine, ports: EnginePorts) {
    this.#world = world;
    this.#id = processor.id;
    this.#tellsPeople = Object.values(processor.to).some(({ kind }) => kind === 'notification');
    this.#hasTimers = processor.keyed?.timers !== undefined;
    this.#makeEngine = makeEngine;
    this.#ports = ports;
  }

  async invoke(records: readonly DeliveredRecord[], report: (result: BatchResult) => void): Promise<unknown> {
    const { profile, counts, chance } = this.#world;
    if (this.#hasTimers && this.#world.overtaking !== 'no') return this.#standStill(records);
    this.#world.turn();
    this.#history.note(records);
    if (this.#world.wants(profile.throttledInvocation)) {
      counts.add('throttled invocation');
      throw new InvocationThrottledError('no environment is free');
    }
    const repeats = this.#world.wants(profile.duplicate) ? chance.pick(['before', 'beside', 'after']) : 'never';
    if (repeats === 'before') await this.repeat(repeats);
    if (repeats === 'beside') this.#world.aside(this.repeat(repeats));
    const result = await this.#attempt(records, 'batch');
    if (repeats === 'after') this.#world.aside(this.repeat(repeats));
    if (this.#world.wants(profile.lostResponse)) {
      counts.add('lost response');
      this.#world.unheard += 1;
      this.#world.trace.say(`${this.#id} did it, and its answer was lost`);
      throw new CallerGaveUp('the response was lost');
    }
    report(result);
    return batchResponse(result);
  }

  /** Takes a batch on and stands still until the sweep has come through; no caller gets an answer before. */
  async #standStill(records: readonly DeliveredRecord[]): Promise<never> {
    if (this.#world.overtaking === 'waiting' || !this.#world.canPause) {
      throw new InvocationThrottledError('all environments stand still');
    }
    this.#world.counts.add('batch overtaken by a sweep');
    this.#world.hasOvertaken = true;
    this.#world.unheard += 1;
    await this.#attempt(records, 'overtaken').catch(() => undefined);
    throw new CallerGaveUp('the function took too long');
  }

  async sweep(which: 'idle' | 'all'): Promise<number> {
    if (!this.#hasTimers) return 0;
    const environment = this.#take();
    const { plan, timeOut } = this.#plan('sweep');
    this.#world.trace.say(`${environment.name} sweeps ${which}`);
    // A sweep that failed is not waited for: the next one comes.
    return Promise.race([this.#watch(environment, plan, environment.sweep(which, plan)), timeOut]).catch(() => 0);
  }

  /** Processes again some of what came before. No caller waits for the answer, so none learns how it ended. */
  async repeat(when: string): Promise<void> {
    const records = this.#history.oldBatch(this.#world.chance);
    if (records.length === 0) return;
    this.#world.counts.add(`duplicate delivery ${when}`);
    this.#world.unheard += 1;
    if (this.#tellsPeople) this.#world.mailRisks += 1;
    await this.#attempt(records, 'repeat').catch(() => undefined);
  }

  /** Another environment takes a batch that one is about to write, and writes first; its answer is lost. */
  async #rival(records: readonly DeliveredRecord[]): Promise<void> {
    this.#world.counts.add('another writer wins');
    this.#world.unheard += 1;
    if (this.#tellsPeople) this.#world.mailRisks += 1;
    await this.#attempt(records, 'rival').catch(() => undefined);
  }

  async #attempt(records: readonly DeliveredRecord[], what: string): Promise<BatchResult> {
    const { trace, problems } = this.#world;
    const environment = this.#take();
    const { plan, timeOut } = this.#plan(what);
    const numbers = [records[0], records.at(-1)].map((record) => record?.sequenceNumber.slice(-6) ?? '');
    trace.say(`${environment.name} takes ${what} ${numbers.join(' to ')} (${String(records.length)})`);
    const rival = async (): Promise<void> => {
      await this.#rival(records);
    };
    const work = this.#watch(environment, plan, environment.process(records, plan, rival)).then((result) => {
      const { books, held } = result;
      trace.say(
        `${environment.name} is done: ${JSON.stringify(books)} ${held.map(({ because }) => because).join('; ')}`,
      );
      // It won once only: whatever is held for it was folded from old state again.
      if (plan.hadRival && held.some(({ because }) => because.includes('other writers')))
        problems.push(`${environment.name} never read what another environment had written`);
      if (missing(books) !== 0) problems.push(`the books of ${this.#id} do not balance: ${JSON.stringify(books)}`);
      return result;
    });
    return Promise.race([work, timeOut]);
  }

  /** An environment that has ended well is kept warm. One that threw of its own accord, and not of a crash, is broken. */
  async #watch<Result>(environment: Environment, plan: InvocationPlan, work: Promise<Result>): Promise<Result> {
    try {
      const result = await work;
      this.#usualCalls = Math.max(1, plan.calls);
      if (this.#warm.length >= MAX_WARM) this.#warm.splice(this.#world.chance.below(MAX_WARM), 1);
      this.#warm.push(environment);
      return result;
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (!(error instanceof Crash)) this.#world.problems.push(`${environment.name} threw ${text}`);
      throw error;
    }
  }

  #take(): Environment {
    const { chance, profile } = this.#world;
    if (this.#warm.length > 0 && !chance.yes(profile.newEnvironment)) {
      const [taken] = this.#warm.splice(chance.below(this.#warm.length), 1);
      if (taken !== undefined) return taken;
    }
    return new Environment({
      name: `${this.#id} #${String(++this.#environments)}`,
      makeEngine: this.#makeEngine,
      ports: this.#ports,
      skewMs: chance.between(-profile.skewMs, profile.skewMs),
      isRefused: (write) => this.#world.refusesForGood(write),
      table: this.#world.table,
    });
  }

  #plan(what: string): { readonly plan: InvocationPlan; readonly timeOut: Promise<never> } {
    const { chance, profile } = this.#world;
    const { promise: timeOut, reject } = Promise.withResolvers<never>();
    timeOut.catch(() => undefined);
    const strikesAt = what === 'overtaken' ? chance.below(3) : chance.below(this.#usualCalls + 1);
    const plan = new InvocationPlan(this.#planKind(what), strikesAt, profile.slowCall, chance, {
      struck: (fault, point) => {
        this.#struck(what, fault, point);
      },
      paused: (point, resume) => {
        this.#world.pause(`a ${what} of ${this.#id} that stood at '${point}'`, resume);
        reject(new CallerGaveUp('the function took too long'));
      },
      isOut: (point) => this.#world.outage.refuses(point, this.#world.nowMs),
    });
    return { plan, timeOut };
  }

  #planKind(what: string): PlanKind {
    const { profile, canPause, sweepsFailHalfWay } = this.#world;
    if (what === 'overtaken') return what;
    if (what === 'rival') return 'none';
    if (what === 'sweep' && sweepsFailHalfWay) return 'half-way';
    if (this.#world.wants(profile.crash)) return 'crash';
    if (this.#world.wants(profile.refuse)) return 'refuse';
    if (this.#world.wants(profile.contention)) return 'contention';
    if (what === 'batch' && this.#world.wants(profile.rival)) return 'rival';
    return canPause && this.#world.wants(profile.zombie) ? 'zombie' : 'none';
  }

  #struck(what: string, fault: string, point: IoPoint): void {
    this.#world.counts.add(`${what === 'sweep' ? 'sweep: ' : ''}${fault} at ${point}`);
    this.#world.trace.say(`${fault} at ${point} of ${this.#id}`);
    if (what !== 'sweep' && (fault === 'crash' || fault === 'zombie')) this.#world.unheard += 1;
    if (this.#tellsPeople && (fault === 'zombie' || point === 'notify' || point === 'write'))
      this.#world.mailRisks += 1;
  }
}
