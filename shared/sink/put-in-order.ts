import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { inParallel } from './in-parallel.ts';
import { callsOf, putRecords, type StreamEntry } from './put-records.ts';
import { isPassing, retrying, type Patience } from './retry.ts';
import { SinkError, orRefused, type Reporting } from './sink-error.ts';

/** Where entries are put, and for how long that is tried. */
export interface OrderedPut extends Patience, Reporting {
  readonly client: KinesisClient;
  /** Physical name. */
  readonly streamName: string;
}

const CALLS_AT_ONCE = 4;

/**
 * Puts entries into a stream so that those of one partition key stand in it in the order given: the next of a key is put when
 * the one before it is written, because a call that fails in part would otherwise swap them. Entries of different keys go
 * together. An entry whose answer was lost is put again, so entries may repeat, but never with a gap before them.
 *
 * Says, entry by entry, whether it is written; `false` for what was not until the deadline. Rejects with a {@link SinkError} for
 * what trying again cannot cure; entries may have been written then.
 */
export const putInOrder = async (put: OrderedPut, entries: readonly StreamEntry[]): Promise<readonly boolean[]> => {
  const { client, streamName, report } = put;
  const target = `Kinesis stream '${streamName}'`;
  const written = entries.map(() => false);
  let queues = queuesOf(entries);

  /** Puts the first entry of each queue; the reason why not all of them are written. */
  const wave = async (signal: AbortSignal): Promise<{ readonly cause: unknown; readonly progressed: boolean }> => {
    let cause: unknown;
    let progressed = false;
    const firsts = queues.flatMap((queue) => queue[queue.length - 1] ?? []);
    await inParallel(CALLS_AT_ONCE, callsOf(firsts), async (call) => {
      try {
        const results = await putRecords(client, streamName, call, signal);
        for (const [at, { index }] of call.entries()) {
          cause ??= results[at];
          if (results[at] !== undefined) continue;
          written[index] = true;
          progressed = true;
        }
      } catch (error) {
        if (!signal.aborted && !isPassing(error)) throw error;
        cause = error;
      }
    });
    for (const queue of queues) {
      const first = queue[queue.length - 1];
      if (first !== undefined && written[first.index] === true) queue.pop();
    }
    queues = queues.filter((queue) => queue.length > 0);
    return { cause, progressed };
  };

  while (queues.length > 0) {
    const result = await orRefused(
      target,
      retrying(put, async (signal) => {
        const { cause, progressed } = await wave(signal);
        return cause === undefined ? { kind: 'done', value: undefined } : { kind: 'again', cause, progressed };
      }),
    );
    if (result.kind === 'gave-up') {
      report?.(new SinkError(target, 'given-up', result.cause));
      break;
    }
  }
  return written;
};

interface Waiting extends StreamEntry {
  readonly index: number;
}

/** One queue a partition key, its first entry at the end, where it is cheap to take. */
const queuesOf = (entries: readonly StreamEntry[]): Waiting[][] => {
  const waiting = entries.map(({ partitionKey, data }, index) => ({ partitionKey, data, index }));
  return [...Map.groupBy(waiting, ({ partitionKey }) => partitionKey).values()].map((queue) => queue.reverse());
};
