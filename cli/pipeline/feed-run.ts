import { setImmediate } from 'node:timers/promises';
import type { Portion } from '../feed/portion.ts';
import type { Interrupt } from '../interrupt.ts';
import type { PipelineRun } from './pipeline-run.ts';

/**
 * Gives a run one portion after the other, a cycle each, until the feed ends or the user wants an end; `after` is called behind
 * each cycle with the records of this process so far.
 */
export const feedRun = async (
  run: PipelineRun,
  feed: AsyncIterable<Portion<unknown>> | Iterable<Portion<unknown>>,
  interrupt: Interrupt,
  after: (records: number, portion: Portion<unknown>) => void | Promise<void>,
): Promise<number> => {
  let records = 0;
  for await (const portion of feed) {
    if (interrupt.signal !== undefined) break;
    await run.cycle(portion.records, portion.position);
    records += portion.records.length;
    await after(records, portion);
    // A cycle never waits for the system, so without this no signal would come through.
    await setImmediate();
  }
  return records;
};
