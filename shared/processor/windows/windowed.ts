import type { Codec } from '../../codec/codec.ts';
import type { Stream } from '../../stream/stream.ts';
import type { Emit, Outputs } from '../outputs.ts';
import { deleted, processor, type FaultPolicy, type Processor, type TimerResult } from '../processor.ts';
import { keyedWindow, timerAt, windowKey, type Window, type Windows } from './windows.ts';

/** What `add` may answer in place of a new value: the record did not belong in. */
export class Refused<To extends Outputs> {
  readonly emit: Emit<To>;

  constructor(emit: Emit<To>) {
    this.emit = emit;
  }
}

/** Options of {@link windowed}. */
export interface WindowedOptions<Value, Acc, To extends Outputs> {
  readonly id: string;
  readonly from: Stream<Value>;
  readonly to: To;
  readonly onFault?: FaultPolicy;
  /** Refines the partition key; each key has windows of its own. */
  key(value: Value): string;
  readonly window: Windows;
  /**
   * After how long without a record a partition key counts as idle, on the clock. Then the windows close whose end and grace
   * have passed on the clock; the others stay open until it gets there.
   *
   * @default 15 minutes
   */
  readonly idleAfterMs?: number;
  /**
   * How far ahead of its arrival a record's time may be and still move event time. One from further ahead has a wrong clock; it
   * gets its window, which closes when event time or the clock gets there.
   *
   * @default - the grace, at least a minute
   */
  readonly aheadToleranceMs?: number;
  /** How accumulated values are stored and checked. @default - plain JSON */
  readonly codec?: Codec<NonNullable<Acc>>;
  initial(): Acc;
  /** Folds a record into its window. A {@link Refused} leaves the window as it was and enters the record as invalid. */
  add(acc: Acc, value: Value, about: KeyedWindow): Acc | Refused<To>;
  /** What is emitted: once when the window closes, or with every record that changes it (repeating the newest value). */
  readonly emit: 'final' | 'updates';
  result(acc: Acc, about: KeyedWindow): Emit<To>;
  /** What is emitted for a record whose window has closed. @default - nothing; the books count it as late all the same */
  late?(value: Value, about: KeyedWindow): Emit<To>;
}

/** Which window, and whose. */
export interface KeyedWindow extends Window {
  readonly key: string;
  readonly partitionKey: string;
}

const MINUTE_MS = 60_000;

/**
 * Describes an aggregate per key and window of event time.
 *
 * ```text
 *   event time   0        60       120      180      (sizeMs 60, graceMs 30)
 *   windows      [   A    )[   B    )[   C    )
 *   watermark at 89: A open, a record of 59 goes in;  at 90: A closes, a record of 59 is late
 * ```
 *
 * A window closes when the watermark of its partition key passes its end plus grace, or when the partition key is idle and the
 * clock has passed it. Each window is a state item of its own; after closing it stays, without state, for as long as its
 * records may come again.
 *
 * Event time moves on within a partition key, not across a shard: where nothing more comes under one, its windows wait for
 * `idleAfterMs` on the clock. With a partition key of many values, such as a URL or a session, most windows close that late. Let
 * `key` tell them apart, and partition by `bucketOf(value, n)`, which has traffic enough to move on.
 */
export const windowed = <Value, Acc, To extends Outputs>(options: WindowedOptions<Value, Acc, To>): Processor => {
  const { window: windows, emit, idleAfterMs = 15 * MINUTE_MS, aheadToleranceMs } = options;
  const { graceMs } = windows;
  const names = windowNames(windows);
  return processor<Value, Acc, To>({
    id: options.id,
    from: options.from,
    to: options.to,
    ...(options.onFault !== undefined && { onFault: options.onFault }),
    ...(options.codec !== undefined && { codec: options.codec }),
    key: (value, timeMs) => names.keyAt(checkedKey(options.key(value)), timeMs),
    timerKey: (stateKey) => keyedWindow(stateKey).key,
    initial: options.initial.bind(options),
    windows: windows.description,
    timers: {
      graceMs,
      idleAfterMs,
      whenIdle: 'fire-all',
      ...(aheadToleranceMs !== undefined && { aheadToleranceMs }),
    },
    step: ({ value, state, key, partitionKey, watermarkMs }) => {
      const about = names.about(key, partitionKey);
      const dueMs = timerAt(about);
      if (dueMs + graceMs <= watermarkMs) {
        const late = options.late?.(value, about);
        return late === undefined ? { outcome: 'late' } : { outcome: 'late', emit: late };
      }
      const acc = options.add(state, value, about);
      if (acc instanceof Refused) return { outcome: 'invalid', emit: acc.emit };
      const changed = { state: acc, timerMs: dueMs };
      return emit === 'final' ? changed : { ...changed, emit: options.result(acc, about) };
    },
    onTimer: ({ state, key, partitionKey }): TimerResult<Acc, To> => {
      if (emit === 'updates') return { state: deleted };
      try {
        return { state: deleted, emit: options.result(state, { ...keyedWindow(key), partitionKey }) };
      } catch (fault) {
        return { state: deleted, fault };
      }
    },
  });
};

/**
 * Names windows, and tells what a name says. Neighbours mostly belong to one window of one key, so the last answers are kept: they
 * are the same as new ones would be, and users may not change them.
 */
const windowNames = (
  windows: Windows,
): {
  keyAt(key: string, timeMs: number): string;
  about(stateKey: string, partitionKey: string): KeyedWindow;
} => {
  let window: Window = { startMs: Infinity, endMsExclusive: -Infinity };
  let lastKey: string | undefined;
  let stateKey = '';
  let lastAbout: KeyedWindow | undefined;
  let aboutKey = '';
  return {
    keyAt: (key, timeMs) => {
      const at = windows.windowAt(timeMs);
      if (key !== lastKey || at.startMs !== window.startMs || at.endMsExclusive !== window.endMsExclusive) {
        stateKey = windowKey(key, at);
        lastKey = key;
        window = at;
      }
      return stateKey;
    },
    about: (name, partitionKey) => {
      if (lastAbout === undefined || name !== aboutKey || partitionKey !== lastAbout.partitionKey) {
        const { key, startMs, endMsExclusive } = keyedWindow(name);
        lastAbout = Object.freeze({ key, startMs, endMsExclusive, partitionKey });
        aboutKey = name;
      }
      return lastAbout;
    },
  };
};

/** A window's state key hides what is wrong with the user's own. */
const checkedKey = (key: unknown): string => {
  if (typeof key !== 'string' || key === '') {
    throw new TypeError(
      `key(value) of windows must return text that is not empty, got ${key === '' ? "''" : String(key)}`,
    );
  }
  return key;
};
