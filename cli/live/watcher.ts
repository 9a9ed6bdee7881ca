import type { LiveView } from '../../shared/pipeline/live-view.ts';
import type { Topology } from '../../shared/processor/topology.ts';
import type { LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import type { Source } from '../../shared/source/source.ts';
import { grouped, spanText } from '../text/numbers.ts';
import { messagesIn } from '../run/books-report.ts';
import { say } from '../report/terminal.ts';
import { frameOf, type Picture } from './frame.ts';
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
  readonly topology: Topology;
  readonly source: Source;
  /** Where e-mail goes, as the user knows it. */
  readonly outbox: string;
  readonly hint: string;
  readonly live: LiveView;
  /** Its newest values, the newest first. */
  readonly values: () => readonly unknown[];
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
  const view = ({ runtime, position, done }: Progress): Picture => {
    const { topology, source, outbox, hint, live, values } = options;
    const { total } = source;
    const books = runtime.books();
    const lag = runtime.lag();
    const sinceFirst = done - (first?.done ?? done);
    const leftMs =
      sinceFirst > 0 && total !== undefined ? ((nowMs() - startedMs) / sinceFirst) * (total - done) : undefined;
    return {
      topology: topology.name,
      feed: source.title,
      place: source.placeOf(position),
      share: total === undefined ? 0 : done / Math.max(1, total),
      leftMs,
      records: source.totals(position).records,
      rate: rates.of(INPUT),
      processors: [...books].map(([id, own]) => ({ id, books: own, rate: rates.of(id), lag: lag.get(id) ?? 0 })),
      messages: topology.notifications.length === 0 ? undefined : messagesIn(topology, books),
      outbox,
      title: live.title,
      newest: values().map((value) => live.show(value)),
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

const plainLine = ({ share, place, records, rate, messages, leftMs }: Picture): string =>
  [
    `${String(Math.floor(share * 100))} %`,
    place,
    `${grouped(records)} lines`,
    `${grouped(rate)}/s`,
    ...(messages === undefined ? [] : [`${grouped(messages)} e-mails`]),
    ...(leftMs === undefined ? [] : [`${spanText(leftMs)} left`]),
  ].join(', ');
