import type { Stream } from '../stream/stream.ts';
import type { Emit, Outputs } from './outputs.ts';
import { processor, type FaultPolicy, type Processor, type TimerResult } from './processor.ts';
import { windowAt, type TumblingWindows, type Window } from './tumbling.ts';

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
  readonly window: TumblingWindows;
  /** After how long without a record a partition key's windows all close, on the clock. @default 15 minutes */
  readonly idleAfterMs?: number;
  initial(): Acc;
  /** Folds a record into its window. A {@link Refused} leaves the window as it was and enters the record as invalid. */
  add(acc: Acc, value: Value, about: KeyedWindow): Acc | Refused<To>;
  /** What goes out: once when the window closes, or with every record that changes it (repeating the newest value). */
  readonly emit: 'final' | 'updates';
  result(acc: Acc, about: KeyedWindow): Emit<To>;
  /** What goes out for a record whose window has closed. @default - nothing; the books count it as late all the same */
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
 * A window closes when the watermark of its partition key passes its end plus grace, or when the partition key is idle.
 */
export const windowed = <Value, Acc, To extends Outputs>(options: WindowedOptions<Value, Acc, To>): Processor => {
  const { window: windows, emit, idleAfterMs = 15 * MINUTE_MS } = options;
  const { graceMs } = windows;
  return processor<Value, OpenWindows<Acc>, To>({
    id: options.id,
    from: options.from,
    to: options.to,
    ...(options.onFault !== undefined && { onFault: options.onFault }),
    key: options.key.bind(options),
    initial: () => ({ open: [] }),
    windows,
    timers: { graceMs, idleAfterMs, whenIdle: 'fire-all' },
    step: ({ value, state, key, partitionKey, timeMs, watermarkMs }) => {
      const { startMs, endMsExclusive } = windowAt(windows, timeMs);
      const about = { key, partitionKey, startMs, endMsExclusive };
      const closed = state.closedThroughMs !== undefined && endMsExclusive <= state.closedThroughMs;
      if (closed || endMsExclusive + graceMs <= watermarkMs) {
        const said = options.late?.(value, about);
        return said === undefined ? { outcome: 'late' } : { outcome: 'late', emit: said };
      }
      const at = state.open.findIndex((one) => one.startMs === startMs);
      const before = state.open[at];
      const acc = options.add(before === undefined ? options.initial() : before.acc, value, about);
      if (acc instanceof Refused) return { outcome: 'invalid', emit: acc.emit };
      const open =
        before === undefined
          ? [...state.open, { startMs, acc }].sort((a, b) => a.startMs - b.startMs)
          : state.open.with(at, { startMs, acc });
      const changed = { state: { ...state, open }, timerMs: (open[0]?.startMs ?? startMs) + windows.sizeMs };
      if (emit === 'final') return changed;
      return { ...changed, emit: options.result(acc, about) };
    },
    onTimer: ({ state, key, partitionKey, timerMs }): TimerResult<OpenWindows<Acc>, To> => {
      const [first, next] = state.open;
      if (first === undefined) return {};
      const closing = { key, partitionKey, startMs: first.startMs, endMsExclusive: timerMs };
      const closed = {
        state: { open: state.open.slice(1), closedThroughMs: timerMs },
        ...(next !== undefined && { timerMs: next.startMs + windows.sizeMs }),
      };
      if (emit === 'updates') return closed;
      try {
        return { ...closed, emit: options.result(first.acc, closing) };
      } catch (fault) {
        return { ...closed, fault };
      }
    },
  });
};

/** State of one key: its windows that are open, oldest first, and how far it has closed them. */
interface OpenWindows<Acc> {
  readonly open: readonly { readonly startMs: number; readonly acc: Acc }[];
  readonly closedThroughMs?: number;
}
