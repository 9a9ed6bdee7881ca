import { checkName, type Stream } from '../stream/stream.ts';
import type { Emit, Outputs } from './outputs.ts';
import type { Lookup, Table } from './table.ts';
import type { TumblingWindows } from './tumbling.ts';

/** The column of the books a record is entered in, as far as a step decides it. */
export type StepOutcome = 'applied' | 'filtered' | 'late' | 'invalid';

/** What a step answers. An empty answer means: applied, nothing changed, nothing to say. */
export interface StepResult<State, To extends Outputs> {
  /** The new state of the key. @default - unchanged */
  readonly state?: State;
  readonly emit?: Emit<To>;
  /** @default 'applied' */
  readonly outcome?: StepOutcome;
  /**
   * Event time in whole milliseconds at which the key's timer is due; `'none'` takes it away. A key has one timer. A time
   * that is not behind the last one that fired counts as a millisecond behind it.
   *
   * @default - unchanged
   */
  readonly timerMs?: number | 'none';
}

/** What a timer's step answers. */
export interface TimerResult<State, To extends Outputs> extends StepResult<State, To> {
  /** What went wrong: it becomes a dead letter with the state as it was, and the rest of the answer is taken. */
  readonly fault?: unknown;
}

/** What a step is given. It must not keep or change any of it, and it knows no clock, no random and no I/O. */
export interface StepInput<Value, State, Tables> {
  readonly value: Value;
  readonly state: State;
  readonly key: string;
  readonly partitionKey: string;
  readonly timeMs: number;
  /**
   * How far event time has come in this partition key, this record left out; -Infinity before the first, and always in a
   * processor without timers, which does not keep it.
   */
  readonly watermarkMs: number;
  readonly tables: Tables;
}

/** What a timer's step is given. */
export interface TimerInput<State> {
  readonly state: State;
  readonly key: string;
  readonly partitionKey: string;
  readonly timerMs: number;
}

/** How timers behave. */
export interface TimerOptions {
  /** A timer fires when the watermark has passed its time by this much; 0 or more. */
  readonly graceMs: number;
  /** After how long without a record a partition key counts as idle, on the clock; must exceed the longest batch. */
  readonly idleAfterMs: number;
  /**
   * What happens to the timers of an idle partition key: all fire at once (windows close), or event time goes on with the
   * clock from where the last record left it (time-outs).
   */
  readonly whenIdle: 'fire-all' | 'follow-clock';
}

/**
 * What to do with a record whose step throws: keep it aside and go on, or hold its lane and have it delivered again, as often
 * as the mapping does. When the mapping gives up, the Kinesis record it came in is kept aside, with all that is packed in it.
 */
export type FaultPolicy = 'dead-letter' | 'hold';

type Seen<Lookups> = {
  readonly [Name in keyof Lookups]: Lookups[Name] extends Lookup<never, infer View> ? View : never;
};

type Lookups<Value> = Readonly<Record<string, Lookup<Value, unknown>>>;

interface Common<Value, To extends Outputs, Tables> {
  /** Stable: state, lanes and metrics hang on it. Letters, digits, `_ . - /`. */
  readonly id: string;
  readonly from: Stream<Value>;
  readonly to: To;
  readonly tables?: Tables;
  /** @default 'dead-letter' */
  readonly onFault?: FaultPolicy;
}

/** Options of a processor that looks at each record alone. Repeats pass through it, with the origin they had. */
export interface StatelessOptions<Value, To extends Outputs, Tables> extends Common<Value, To, Tables> {
  step(input: StepInput<Value, undefined, Seen<Tables>>): StepResult<undefined, To>;
}

/** Options of a processor with state per key, and so with a ledger per key: a record is applied once. */
export interface KeyedOptions<Value, State, To extends Outputs, Tables> extends Common<Value, To, Tables> {
  /**
   * Refines the partition key; 1 to 512 characters, at most 1000 bytes of UTF-8, without U+0000. A key that more than one
   * partition key brings needs `fanIn`.
   */
  key(value: Value): string;
  initial(): State;
  step(input: StepInput<Value, State, Seen<Tables>>): StepResult<State, To>;
  readonly timers?: TimerOptions;
  /** Called when the key's timer is due; without a new `timerMs` in the answer the key has no timer afterwards. */
  onTimer?(input: TimerInput<State>): TimerResult<State, To>;
  /** The windows that the state holds, for whoever describes the topology. @default - none */
  readonly windows?: TumblingWindows;
  /** Where the state can be read from outside; the state is then the row. */
  readonly as?: Table<State>;
  /**
   * Several partition keys may bring this state key. Order then holds per partition key only, so a retry may find another
   * state: what a step gives out must not depend on it, and the state is best a sum, a set, or another thing that commutes.
   *
   * @default false
   */
  readonly fanIn?: boolean;
}

/** A processor as the engine sees it, whatever its types are. */
export interface Processor {
  readonly kind: 'processor';
  readonly id: string;
  readonly from: Stream<unknown>;
  readonly to: Outputs;
  readonly tables: Lookups<unknown>;
  readonly onFault: FaultPolicy;
  step(input: StepInput<unknown, unknown, Readonly<Record<string, unknown>>>): StepResult<unknown, Outputs>;
  readonly keyed?: Keyed;
}

/** The part of a processor that only one with state has. */
export interface Keyed {
  key(value: unknown): string;
  initial(): unknown;
  onTimer?(input: TimerInput<unknown>): TimerResult<unknown, Outputs>;
  readonly timers?: TimerOptions;
  readonly windows?: TumblingWindows;
  readonly as?: Table<unknown>;
  readonly fanIn: boolean;
}

/**
 * Describes a step with an input stream, optional keyed state and named outputs.
 *
 * With `key` it has state; without, it looks at each record alone.
 */
export function processor<Value, To extends Outputs, Tables extends Lookups<Value> = Readonly<Record<never, never>>>(
  options: StatelessOptions<Value, To, Tables> & { readonly key?: never },
): Processor;
export function processor<
  Value,
  State,
  To extends Outputs,
  Tables extends Lookups<Value> = Readonly<Record<never, never>>,
>(options: KeyedOptions<Value, State, To, Tables>): Processor;
export function processor(
  options:
    StatelessOptions<unknown, Outputs, Lookups<unknown>> | KeyedOptions<unknown, unknown, Outputs, Lookups<unknown>>,
): Processor {
  const { id, from, to, tables = {}, onFault = 'dead-letter' } = options;
  checkOutputs(checkId(id), to);
  const common = { kind: 'processor', id, from, to, tables, onFault } as const;
  return 'key' in options
    ? { ...common, step: options.step.bind(options), keyed: keyedPart(options) }
    : { ...common, step: options.step.bind(options) };
}

const keyedPart = (options: KeyedOptions<unknown, unknown, Outputs, Lookups<unknown>>): Keyed => {
  const { timers, windows, as, fanIn = false } = options;
  if ((timers === undefined) !== (options.onTimer === undefined)) {
    throw new TypeError(`processor '${options.id}' has only one of 'timers' and 'onTimer': give both or none`);
  }
  if (timers !== undefined) checkTimers(options.id, timers);
  if (timers !== undefined && fanIn) {
    throw new TypeError(
      `processor '${options.id}' has fanIn and timers: partition keys have no common event time; use a processor per partition key first`,
    );
  }
  return {
    key: options.key.bind(options),
    initial: options.initial.bind(options),
    fanIn,
    ...(options.onTimer !== undefined && { onTimer: options.onTimer.bind(options) }),
    ...(timers !== undefined && { timers }),
    ...(windows !== undefined && { windows }),
    ...(as !== undefined && { as }),
  };
};

const ID = /^[a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*$/;

const checkId = (id: string): string => {
  if (!ID.test(id) || id.length > 128) {
    throw new RangeError(
      `processor id must be names joined by '/', at most 128 characters of a-z A-Z 0-9 _ . -, got '${id}'`,
    );
  }
  return id;
};

const checkOutputs = (id: string, to: Outputs): void => {
  const seen = new Map<string, string>();
  for (const [name, target] of Object.entries(to)) {
    checkName('output', name);
    const other = seen.get(target.name);
    if (other !== undefined) {
      throw new RangeError(
        `processor '${id}' names '${target.name}' twice, as '${other}' and '${name}': records of both would get one origin; use one output`,
      );
    }
    seen.set(target.name, name);
  }
};

const checkTimers = (id: string, { graceMs, idleAfterMs }: TimerOptions): void => {
  for (const [name, value] of Object.entries({ graceMs, idleAfterMs })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(
        `${name} of processor '${id}' must be a whole number of milliseconds from 0, got ${String(value)}`,
      );
    }
  }
};
