import type { Source } from '../../shared/source/source.ts';
import type { Interrupt } from '../run/interrupt.ts';
import { withOutputErrors } from '../errors/output-error.ts';
import { rateLimiter } from '../run/rate-limiter.ts';
import { feedRun } from '../run/pipeline-run.ts';
import type { PipelineRun } from '../run/pipeline-run.ts';
import { writeMail } from '../run/mail-file.ts';
import type { Watcher } from './watcher.ts';

export interface WatchedRunOptions {
  readonly run: PipelineRun;
  readonly source: Source;
  readonly chunks: ReturnType<Source['open']>;
  readonly watcher: Watcher;
  /** Folder for e-mail as it comes. */
  readonly outbox: string;
  /** Records per second; Infinity is as fast as it goes. */
  readonly speed: number;
  readonly interrupt: Interrupt;
  readonly nowMs: () => number;
}

/**
 * Feeds a run at a pace to watch, shows it, and puts its e-mail into the outbox as it comes. Returns the records taken in.
 *
 * E-mail of an earlier process is put there again: it may have been stopped right before it did so, and the bytes are the same.
 */
export const watchedRun = async (options: WatchedRunOptions): Promise<number> => {
  const { run, source, chunks, watcher, outbox, speed, interrupt, nowMs } = options;
  const pace = rateLimiter(speed, nowMs);
  let mailed = 0;
  const mail = (): Promise<void> =>
    withOutputErrors(outbox, '--out', async () => {
      mailed = (await writeMail(outbox, run.runtime.outputs.messages(mailed))) ?? mailed;
    });
  const { position, runtime } = run;
  watcher.note({ runtime, position, done: source.doneAt(position) });

  const records = await feedRun(run, chunks, interrupt, async (_count, chunk) => {
    await mail();
    watcher.note({ runtime, position: chunk.position, done: chunk.done });
    watcher.show();
    await pace.wait(chunk.records.length, () => {
      watcher.show();
      return interrupt.signal === undefined;
    });
  });
  if (interrupt.signal === undefined && !run.finished) await run.finish();
  await mail();
  return records;
};
