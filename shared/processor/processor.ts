import type { Codec } from '../codec/codec.ts';
import type { LogicalStreams, MergedStream, Tagged, ValueOf } from '../stream/merged.ts';
import type { Stream } from '../stream/stream.ts';
import { checkId, checkOutputs, checkTimers, checkVersion, withTolerance } from './checks.ts';
import type { Emit, Outputs } from './outputs.ts';
import type { Lookup, Table } from './table.ts';
import type { WindowsDescription } from './windows/windows.ts';

/** What a step returns as state to delete it. The key is then as it was before its first record; repeats stay known. */
export const deleted: unique symbol = Symbol('deleted');

/** The column of the books a record is entered in, as far as a step decides it. */
export type StepOutcome = 'applied' | 'filtered' | 'late' | 'invalid';

/** What a step answers. An empty answer means: applied, nothing changed, nothing to say. */
export interface StepResult<State, To extends Outputs> {
  /** The new state of the key, or {@link deleted}. @default - unchanged */
  readonly state?: State | typeof deleted;
  readonly emit?: Emit<To>;
  /** @default 'applied' */
  readonly outcome?: StepOutcome;
  /**
   * Event time in whole milliseconds at which the key's timer is due; `'none'` takes it away. A key has one timer. A time not
   * later than the last firing is moved to 1 ms after it.
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
  /** Of a merged stream: which of its streams the record belongs to. */
  readonly input: string | undefined;
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
  /**
   * After how long without a record a partition key counts as idle, on the clock. A batch that takes more than a third of it is
   * given up.
   */
  readonly idleAfterMs: number;
  /**
   * What happens to the timers of an idle partition key. `fire-all`: all fire that are due, with grace, by the clock (windows
   * close); the others wait for it. `follow-clock`: event time goes on at the clock's pace from where the last record left it
   * (time-outs).
   */
  readonly whenIdle: 'fire-all' | 'follow-clock';
  /**
   * How far ahead of its arrival a record's time may be and still move event time; a record from further ahead does not move it
   * at all.
   *
   * @default - the grace, at least a minute; with `follow-clock` at least a day, because time-outs live with clocks that differ
   */
  readonly aheadToleranceMs?: number;
}

/** The same with defaults filled in. */
export interface Timers extends TimerOptions {
  readonly aheadToleranceMs: number;
}

/**
 * What to do with a record whose step throws: keep it aside and go on, or hold its lane and have it delivered again, as often
 * as the mapping does. When the mapping gives up, the Kinesis record it came in is kept aside, with all that is packed in it.
 */
export type FaultPolicy = 'dead-letter' | 'hold';

type TableViews<Lookups> = {
  readonly [Name in keyof Lookups]: Lookups[Name] extends Lookup<never, infer View> ? View : never;
};

type Lookups<Value> = Readonly<Record<string, Lookup<Value, unknown>>>;

interface CommonOptions<Value, To extends Outputs, Tables> {
  /** Stable: state, lanes and metrics hang on it. Letters, digits, `_ . - /`. */
  readonly id: string;
  readonly from: Stream<Value>;
  readonly to: To;
  readonly tables?: Tables;
  /** @default 'dead-letter' */
  readonly onFault?: FaultPolicy;
}

/** Options of a processor that looks at each record alone. Repeats pass through it, with the origin they had. */
export interface StatelessOptions<Value, To extends Outputs, Tables> extends CommonOptions<Value, To, Tables> {
  step(input: StepInput<Value, undefined, TableViews<Tables>>): StepResult<undefined, To>;
}

/** Options of a processor with state per key, and so with a ledger per key: a record is applied once. */
export interface KeyedOptions<Value, State, To extends Outputs, Tables> extends CommonOptions<Value, To, Tables> {
  /**
   * Refines the partition key; 1 to 512 characters, at most 1000 bytes of UTF-8, without U+0000. State is per partition key and
   * this key: two partition keys with one state key have two states, unless `fanIn` makes it one. `input` names the stream
   * where several are merged.
   */
  key(value: Value, timeMs: number, input?: string): string;
  /** The state of a key before its first record; never shared between keys. */
  initial(): State;
  /** How the state is stored, and checked when it is read and when it is written. @default - the table's; else plain JSON */
  readonly codec?: Codec<NonNullable<State>>;
  /** Version of the state's shape: a whole number from 1. @default 1 */
  readonly version?: number;
  /** Makes a state of this version from one that an older version wrote, as parsed JSON. */
  migrate?(old: unknown, version: number): State;
  step(input: StepInput<Value, State, TableViews<Tables>>): StepResult<State, To>;
  readonly timers?: TimerOptions;
  /** Called when the key's timer is due; without a new `timerMs` in the answer the key has no timer afterwards. */
  onTimer?(input: TimerInput<State>): TimerResult<State, To>;
  /** The windows that the states are, as a description of the topology shows them. @default - none */
  readonly windows?: WindowsDescription;
  /** What names the lane of a timer's output: state keys that share it must have timers in order. @default - the state key */
  timerKey?(stateKey: string): string;
  /** Where the state can be read from outside; the state is then the row. */
  readonly as?: Table<State>;
  /**
   * Several partition keys share the state of a key. Order then holds per partition key only, so a retry may find another
   * state: what a step emits must not depend on it, and the state is best a sum, a set, or another thing that commutes.
   *
   * @default false
   */
  readonly fanIn?: boolean;
}

/** What a step over a merged stream is given: `input` says which of its streams `value` belongs to. */
type MergedStepInput<Inputs extends LogicalStreams, State, Tables> = {
  readonly [Name in keyof Inputs & string]: Omit<StepInput<ValueOf<Inputs[Name]>, State, Tables>, 'input'> & {
    readonly input: Name;
  };
}[keyof Inputs & string];

/** Options of a processor with state that reads a merged stream. */
export interface MergedOptions<Inputs extends LogicalStreams, State, To extends Outputs, Tables> extends Omit<
  KeyedOptions<Tagged, State, To, Tables>,
  'from' | 'key' | 'step'
> {
  readonly from: MergedStream<Inputs>;
  key(value: ValueOf<Inputs[keyof Inputs]>, timeMs: number, input: keyof Inputs & string): string;
  step(input: MergedStepInput<Inputs, State, TableViews<Tables>>): StepResult<State, To>;
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
  key(value: unknown, timeMs: number, input?: string): string;
  initial(): unknown;
  readonly codec?: Codec<unknown>;
  readonly version: number;
  migrate?(old: unknown, version: number): unknown;
  timerKey?(stateKey: string): string;
  onTimer?(input: TimerInput<unknown>): TimerResult<unknown, Outputs>;
  readonly timers?: Timers;
  readonly windows?: WindowsDescription;
  readonly as?: Table<unknown>;
  readonly fanIn: boolean;
}

/** The name under which a processor's state is stored: its table's, or its own. */
export const collectionOf = ({ id, keyed }: Pick<Processor, 'id' | 'keyed'>): string => keyed?.as?.name ?? id;

/**
 * Describes a step with an input stream, optional keyed state and named outputs.
 *
 * With `key` it has state; without, it looks at each record alone.
 */
export function processor<
  Inputs extends LogicalStreams,
  State,
  To extends Outputs,
  Tables extends Lookups<never> = Readonly<Record<never, never>>,
>(options: MergedOptions<Inputs, State, To, Tables>): Processor;
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
  const { timers, windows, as, fanIn = false, version = 1, codec } = options;
  checkTimers(options.id, timers, { hasOnTimer: options.onTimer !== undefined, fanIn, isTable: as !== undefined });
  checkVersion(options.id, version);
  return {
    key: options.key.bind(options),
    initial: options.initial.bind(options),
    fanIn,
    version,
    ...(codec !== undefined && { codec }),
    ...(options.migrate !== undefined && { migrate: options.migrate.bind(options) }),
    ...(options.timerKey !== undefined && { timerKey: options.timerKey.bind(options) }),
    ...(options.onTimer !== undefined && { onTimer: options.onTimer.bind(options) }),
    ...(timers !== undefined && { timers: withTolerance(timers) }),
    ...(windows !== undefined && { windows }),
    ...(as !== undefined && { as }),
  };
};
