import type { Alert } from '../../functions/weather/streams.ts';
import type { LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import type { Source } from '../run/source.ts';
import { grouped, spanText } from '../text/numbers.ts';
import { say } from '../report/terminal.ts';
import { frameOf, type LiveView } from './frame.ts';
import { ratesOf } from './rates.ts';
import { openScreen } from './screen.ts';

/** How far a run has come. */
interface Progress {
  readonly runtime: LocalRuntime;
  readonly position: unknown;
  /** In the unit of the source. */
  readonly done: number;
}

/** Shows a run while it goes on. */
export interface Watcher extends Disposable {
  /** Notes how far the run has come; cheap, to be called after every cycle. */
  note(progress: Progress): void;
  /** Shows it, if it is time to; to be called whenever time permits. */
  show(): void;
}

export interface WatcherOptions {
  readonly source: Source;
  /** Where e-mail goes, as the user knows it. */
  readonly outbox: string;
  readonly hint: string;
  readonly alerts: () => readonly Alert[];
  readonly nowMs: () => number;
}

const SCREEN_EVERY_MS = 200;
const LINE_EVERY_MS = 5000;
/** Counter of what came in, beside those of the processors. */
const INPUT = '';

/** A live view on a terminal, a line now and then elsewhere. */
export const openWatcher = (options: WatcherOptions): Watcher => {
  const { nowMs } = options;
  const rates = ratesOf(nowMs);
  const startedMs = nowMs();
  let first: Progress | undefined;
  let last: Progress | undefined;
  let shownMs = startedMs;

  const sample = ({ runtime, position }: Progress): void => {
    const counters = [...runtime.books()].map(([id, { in: taken }]) => [id, taken] as const);
    rates.note(new Map([...counters, [INPUT, options.source.totals(position).records]]));
  };
  const view = ({ runtime, position, done }: Progress): LiveView => {
    const { source, outbox, hint, alerts } = options;
    const books = runtime.books();
    const lag = runtime.lag();
    const sinceFirst = done - (first?.done ?? done);
    const leftMs = sinceFirst > 0 ? ((nowMs() - startedMs) / sinceFirst) * (source.total - done) : undefined;
    return {
      topology: source.pipeline.topology.name,
      feed: source.title,
      place: source.placeOf(position),
      share: done / Math.max(1, source.total),
      leftMs,
      records: source.totals(position).records,
      rate: rates.of(INPUT),
      processors: [...books].map(([id, own]) => ({ id, books: own, rate: rates.of(id), lag: lag.get(id) ?? 0 })),
      messages: messagesOf(runtime),
      outbox,
      alerts: alerts(),
      hint,
    };
  };
  const screen = process.stdout.isTTY ? openScreen() : undefined;
  const everyMs = screen === undefined ? LINE_EVERY_MS : SCREEN_EVERY_MS;

  return {
    note: (progress) => {
      last = progress;
      if (first !== undefined) return;
      first = progress;
      sample(first);
    },
    show: () => {
      if (last === undefined || nowMs() - shownMs < everyMs) return;
      shownMs = nowMs();
      sample(last);
      const seen = view(last);
      if (screen === undefined) say(plainLine(seen));
      else screen.draw(frameOf(seen, screen.size));
    },
    [Symbol.dispose]: () => {
      screen?.[Symbol.dispose]();
    },
  };
};

const plainLine = ({ share, place, records, rate, messages, leftMs }: LiveView): string =>
  [
    `${String(Math.floor(share * 100))} %`,
    place,
    `${grouped(records)} lines`,
    `${grouped(rate)}/s`,
    `${grouped(messages)} e-mails`,
    ...(leftMs === undefined ? [] : [`${spanText(leftMs)} left`]),
  ].join(', ');

/** E-mails and the like: what went to notifications, which are not streams. */
const messagesOf = (runtime: LocalRuntime): number => {
  const books = runtime.books();
  return runtime.topology.processors
    .filter(({ to }) => Object.values(to).some(({ kind }) => kind === 'notification'))
    .reduce((sum, { id }) => sum + (books.get(id)?.emitted ?? 0), 0);
};
