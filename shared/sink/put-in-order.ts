import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { SinkError, isBadRequest, orRefused, textOfError, type Reporting } from '../aws/errors.ts';
import { inParallel } from '../aws/in-parallel.ts';
import { isTransient, retrying, type RetryPolicy } from '../aws/retry.ts';
import { callsOf, putRecords, type StreamEntry } from './put-records.ts';

/** Where entries are put, and for how long that is retried. */
export interface OrderedPut extends RetryPolicy, Reporting {
  readonly client: KinesisClient;
  /** Physical name. */
  readonly streamName: string;
}

/** `refused`: not written before the deadline. `failed`: it never can be, and why. */
export type EntryOutcome = 'written' | 'refused' | { readonly failed: string };

const CALLS_AT_ONCE = 4;

/**
 * Puts entries into a stream so that those of one partition key arrive in the order given: the next of a key is put when
 * the one before it is written, because a call that fails in part would otherwise swap them. Entries of different keys go
 * together. An entry whose answer was lost is put again, so entries may repeat, but never with a gap before them.
 *
 * An entry that Kinesis calls invalid has failed, and what follows it under its key is not put. Where a whole call is called
 * invalid it is put again in halves, until the entry at fault is alone.
 *
 * One outcome per entry, in order. Rejects with a {@link SinkError} for what a retry cannot cure and no entry is to blame for;
 * entries may have been written then.
 */
export const putInOrder = async (
  put: OrderedPut,
  entries: readonly StreamEntry[],
): Promise<readonly EntryOutcome[]> => {
  const { client, streamName, report } = put;
  const target = `Kinesis stream '${streamName}'`;
  const outcomes = entries.map((): EntryOutcome => 'refused');
  let queues = queuesOf(entries);

  /** Why not all entries of a call are settled; undefined if they are. */
  const putCall = async (call: readonly Waiting[], signal: AbortSignal): Promise<unknown> => {
    let cause: unknown;
    const unsettled = (error: Error, index: number): void => {
      if (isBadRequest(error)) outcomes[index] = { failed: `${target} refuses a record: ${textOfError(error)}` };
      else cause ??= error;
    };
    try {
      const results = await putRecords(client, streamName, call, signal);
      for (const [at, { index }] of call.entries()) {
        const error = results[at];
        if (error === undefined) outcomes[index] = 'written';
        else unsettled(error, index);
      }
    } catch (error) {
      if (signal.aborted || isTransient(error)) return error;
      if (!isBadRequest(error) || NAMES_THE_STREAM.test(error.message)) throw error;
      const [only, second] = call;
      if (only !== undefined && second === undefined) {
        unsettled(error, only.index);
      } else {
        const half = Math.ceil(call.length / 2);
        cause = await putCall(call.slice(0, half), signal);
        cause ??= await putCall(call.slice(half), signal);
      }
    }
    return cause;
  };

  /** Puts the first entry of each queue. */
  const wave = async (signal: AbortSignal): Promise<{ readonly cause: unknown; readonly progressed: boolean }> => {
    const firsts = queues.flatMap((queue) => queue[queue.length - 1] ?? []);
    const causes = await inParallel(CALLS_AT_ONCE, callsOf(firsts), (call) => putCall(call, signal));
    const isSettled = ({ index }: Waiting): boolean => outcomes[index] !== 'refused';
    for (const queue of queues) {
      const first = queue[queue.length - 1];
      if (first === undefined || !isSettled(first)) continue;
      if (outcomes[first.index] === 'written') queue.pop();
      else queue.length = 0;
    }
    queues = queues.filter((queue) => queue.length > 0);
    return { cause: causes.find((cause) => cause !== undefined), progressed: firsts.some(isSettled) };
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
  return outcomes;
};

/** Then the request is wrong whatever the entries are. */
const NAMES_THE_STREAM = /stream_?(name|arn)/iu;

interface Waiting extends StreamEntry {
  readonly index: number;
}

/** One queue a partition key, its first entry at the end, where it is cheap to take. */
const queuesOf = (entries: readonly StreamEntry[]): Waiting[][] => {
  const waiting = entries.map(({ partitionKey, data }, index) => ({ partitionKey, data, index }));
  return [...Map.groupBy(waiting, ({ partitionKey }) => partitionKey).values()].map((queue) => queue.reverse());
};
