import { SingleBar } from 'cli-progress';
import { grouped, spanText } from '../text/numbers.ts';
import { say } from './terminal.ts';

/** Shows how far a run has come: a bar on a terminal, a line now and then elsewhere. */
export interface Progress extends Disposable {
  /** `records` since this process began, `done` in the unit of the total. */
  update(records: number, done: number): void;
}

export interface ProgressOptions {
  /** Undefined where only the end tells. */
  readonly total: number | undefined;
  /** What an earlier process has done of it. */
  readonly done: number;
  readonly nowMs: () => number;
}

const PLAIN_EVERY_MS = 5000;
const BAR_CHARS = 24;

/** Opens a progress display on standard error; disposing ends it. */
export const openProgress = (options: ProgressOptions): Progress =>
  process.stderr.isTTY && options.total !== undefined ? bar({ ...options, total: options.total }) : plainLines(options);

const bar = ({ total, done: doneBefore, nowMs }: ProgressOptions & { readonly total: number }): Progress => {
  const startedMs = nowMs();
  const single = new SingleBar({
    format: '{bar} {percentage} %  {records} records  {rate}/s  {left}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: BAR_CHARS,
    hideCursor: true,
    clearOnComplete: true,
    // The command itself handles Ctrl-C.
    gracefulExit: false,
  });
  const stop = (): void => {
    single.stop();
  };
  // Also where the process ends in the middle, or the cursor would stay hidden.
  process.once('exit', stop);
  single.start(Math.max(1, total), doneBefore, { records: '0', rate: '0', left: '' });
  return {
    update: (records, done) => {
      const spentMs = Math.max(1, nowMs() - startedMs);
      const share = (done - doneBefore) / Math.max(1, total - doneBefore);
      const left = share > 0 ? `${spanText((spentMs / share) * (1 - share))} left` : '';
      single.update(done, { records: grouped(records), rate: grouped((records / spentMs) * 1000), left });
    },
    [Symbol.dispose]: () => {
      process.off('exit', stop);
      stop();
    },
  };
};

const plainLines = ({ total, nowMs }: ProgressOptions): Progress => {
  const startedMs = nowMs();
  let saidMs = startedMs;
  return {
    update: (records, done) => {
      const now = nowMs();
      if (now - saidMs < PLAIN_EVERY_MS) return;
      saidMs = now;
      const percent = total === undefined ? '' : `${String(Math.floor((done / Math.max(1, total)) * 100))} %, `;
      const rate = (records / Math.max(1, now - startedMs)) * 1000;
      say(`${percent}${grouped(records)} records, ${grouped(rate)} records/s`);
    },
    [Symbol.dispose]: () => undefined,
  };
};
