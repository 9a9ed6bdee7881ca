import type { Processor } from '../../../shared/processor/processor.ts';
import { awsPorts } from '../../../shared/runtime/lambda/aws-ports.ts';
import { environmentVariables, type FunctionEnvironment } from '../../../shared/runtime/lambda/environment.ts';
import { lambda, type LambdaHandler } from '../../../shared/runtime/lambda/lambda.ts';
import type { LocalRuntimeOptions } from '../../../shared/runtime/local/local-runtime.ts';
import { InvocationThrottledError } from '../../../shared/runtime/local/mapping/invocation.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { Crash, faultyPorts } from '../../../shared/testing/faults.ts';
import { contextWith, eventOf } from '../../runtime/lambda/invocation.ts';
import { DeliveryHistory } from '../../simulation/world/delivery-history.ts';
import { InvocationPlan, type PlanKind } from '../../simulation/world/invocation-plan.ts';
import type { FaultBudget } from './fault-budget.ts';
import { faultyClients, type CallFault } from './faulty-clients.ts';

const TIME_OUT_MS = 60_000;
/** Of these, all but a second and a half is for work. */
const SHORT_MS = [1_510, 1_530, 1_600, 1_800];
const SLICE_BYTES = 400;
const MOST_ZOMBIES = 4;
/** Calls that an invocation makes, about. */
const SOME_CALLS = 6;

/** One Lambda environment: a handler of its own, with clients and connections of its own. */
interface Environment {
  readonly handler: LambdaHandler;
  readonly destroy: () => void;
  plan: InvocationPlan | undefined;
}

/** What the handlers of a topology run in. */
interface Surroundings {
  readonly faults: FaultBudget;
  readonly nowMs: () => number;
  readonly environmentOf: (processor: Processor) => FunctionEnvironment;
  /** Told what must not happen, for people. */
  readonly problem: (text: string) => void;
}

/** The functions of a topology: real handlers, in environments that die, stand still, and are called more than once. */
export class FaultyHandlers {
  readonly #around: Surroundings;
  readonly #all: Environment[] = [];
  readonly #aside = new Set<Promise<unknown>>();
  #zombies: (() => void)[] = [];
  /** Settled when somebody comes to stand still. */
  #stopped = Promise.withResolvers<undefined>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  readonly host: NonNullable<LocalRuntimeOptions['host']> = (processor) => {
    const { faults } = this.#around;
    const { chance, rates } = faults;
    const history = new DeliveryHistory();
    const warm: Environment[] = [];
    const take = (): Environment => {
      const isNew = faults.wants(rates.newEnvironment);
      return (isNew ? undefined : warm.pop()) ?? this.#environment(processor);
    };
    const run = async (event: unknown, kind: PlanKind): Promise<unknown> => {
      const environment = take();
      const { promise: timeOut, reject } = Promise.withResolvers<never>();
      timeOut.catch(() => undefined);
      environment.plan = new InvocationPlan(kind, chance.below(SOME_CALLS), 0, chance, {
        struck: (fault, point) => {
          faults.struck(`${fault} at ${point}`);
        },
        paused: (_point, resume) => {
          this.#zombies.push(resume);
          this.#stopped.resolve(undefined);
          this.#stopped = Promise.withResolvers();
          reject(new Error('the function took too long'));
        },
      });
      const work = environment.handler(event, contextWith(this.#remainingMs())).then(
        (answer) => {
          warm.push(environment);
          return answer;
        },
        (error: unknown) => {
          if (!(error instanceof Crash)) {
            warm.push(environment);
            if (!isOutOfTime(error)) this.#around.problem(`${processor.id} threw ${String(error)}`);
          }
          throw error;
        },
      );
      this.#watch(work);
      return Promise.race([work, timeOut]);
    };
    const repeat = (): void => {
      const records = history.oldBatch(chance);
      if (records.length === 0) return;
      faults.struck('duplicate delivery');
      this.#watch(run(eventOf(records), this.#planKind()));
    };
    return {
      invoke: async (records: readonly DeliveredRecord[]) => {
        history.note(records);
        if (chance.yes(0.2)) this.resumeOne();
        if (faults.wants(rates.throttledInvocation)) {
          faults.struck('throttled invocation');
          throw new InvocationThrottledError('no environment is free');
        }
        if (faults.wants(rates.duplicate)) repeat();
        const answer = await run(eventOf(records), this.#planKind());
        if (faults.wants(rates.lostResponse)) {
          faults.struck('lost response');
          throw new Error('the response was lost');
        }
        return answer;
      },
      sweep: async () => {
        if (processor.keyed?.timers === undefined) return 0;
        const answer = await run({ sweep: 'idle' }, this.#planKind()).catch(() => undefined);
        const emitted: unknown =
          typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'emitted') : undefined;
        return typeof emitted === 'number' ? emitted : 0;
      },
    };
  };

  /** Lets one of those that stand still go on. */
  resumeOne(): void {
    const { chance } = this.#around.faults;
    if (this.#zombies.length === 0) return;
    const resume = chance.pick(this.#zombies);
    this.#zombies = this.#zombies.filter((one) => one !== resume);
    resume();
  }

  /** Waits until nothing is under way any more but what stands still. */
  async settle(): Promise<void> {
    while (this.#aside.size > this.#zombies.length) await this.#something();
  }

  /** Lets all go on, and waits for them. */
  async resumeAll(): Promise<void> {
    while (this.#aside.size > 0) {
      while (this.#zombies.length > 0) this.resumeOne();
      await this.#something();
    }
  }

  /** Waits until somebody is done, or stands still. */
  async #something(): Promise<void> {
    await Promise.race([...this.#aside, this.#stopped.promise]);
  }

  destroy(): void {
    for (const { destroy } of this.#all) destroy();
  }

  #remainingMs(): number {
    const { faults } = this.#around;
    if (!faults.wants(faults.rates.shortTime)) return TIME_OUT_MS;
    faults.struck('short time');
    return faults.chance.pick(SHORT_MS);
  }

  #planKind(): PlanKind {
    const { faults } = this.#around;
    if (faults.wants(faults.rates.crash)) return 'crash';
    if (faults.wants(faults.rates.refuse)) return 'refuse';
    return this.#zombies.length < MOST_ZOMBIES && faults.wants(faults.rates.zombie) ? 'zombie' : 'none';
  }

  #environment(processor: Processor): Environment {
    const { faults, nowMs, environmentOf } = this.#around;
    const { chance, rates } = faults;
    const strike = (what: CallFault, likely: number): CallFault => {
      if (!faults.wants(likely)) return 'none';
      faults.struck(`call ${what}`);
      return what;
    };
    const clients = faultyClients({
      decide: (command) => {
        if (command === 'PutPart') return strike('partly-put', rates.partlyPut);
        const throttled = strike('throttled', rates.throttledCall);
        return throttled === 'none' ? strike('answer-lost', rates.lostAnswer) : throttled;
      },
      isTaken: () => chance.yes(0.5),
    });
    const environment: Environment = {
      plan: undefined,
      destroy: () => {
        clients.destroy();
      },
      handler: lambda(processor, {
        env: environmentVariables(environmentOf(processor)),
        nowMs,
        sliceBytes: SLICE_BYTES,
        ports: (names, surroundings) =>
          faultyPorts(
            awsPorts(names, { ...surroundings, clients }),
            (point) => environment.plan?.decide(point) ?? { kind: 'none' },
          ),
      }),
    };
    this.#all.push(environment);
    return environment;
  }

  #watch(work: Promise<unknown>): void {
    const settled = work
      .catch(() => undefined)
      .then(() => {
        this.#aside.delete(settled);
      });
    this.#aside.add(settled);
  }
}

/** What stood still for longer than its time-out finds that there is no time to read anything. */
const isOutOfTime = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('in the time that was left');
