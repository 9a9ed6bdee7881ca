import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { setTimeout } from 'node:timers/promises';
import { putInOrder } from '../../../shared/sink/put-in-order.ts';
import { SinkError } from '../../../shared/aws/errors.ts';
import { CommandError } from '../../errors/command-error.ts';
import type { Interrupt } from '../../run/interrupt.ts';
import { awsErrorOf } from '../calls.ts';
import { kinesisShards, type ShardSource } from '../kinesis-shards.ts';
import { type MarkedEntry, markIn } from './marked-aggregate.ts';
import { UnsureError, type WatchedClient } from './watched-client.ts';

export interface ExactPutOptions {
  readonly client: KinesisClient;
  readonly watched: WatchedClient;
  readonly streamName: string;
  /** How long a call whose answer was lost may still write what it was given. */
  readonly settleMs: number;
  readonly interrupt: Interrupt;
}

/** Entries are retried for this long; less where the user wants an end. */
const TRY_MS = 300_000;
const TRY_WHEN_STOPPING_MS = 10_000;
/** Clocks of one service differ, and arrival times are only approximate. */
const CLOCK_MARGIN_MS = 15_000;

/** Puts entries of one chunk into a stream. */
export interface ExactPut {
  /**
   * Writes each entry once, those of one partition key in order. Where an answer is lost it looks into the stream before it
   * writes anything again. `doubtFromMs`: some may have been written since then, so it looks at once.
   *
   * Throws a `CommandError` where the stream does not take them.
   */
  put(entries: readonly MarkedEntry[], doubtFromMs: number | undefined): Promise<void>;
}

export const exactPut = ({ client, watched, streamName, settleMs, interrupt }: ExactPutOptions): ExactPut => {
  const doing = `writing to ${streamName}`;
  const missing = async (entries: readonly MarkedEntry[], fromMs: number): Promise<readonly MarkedEntry[]> => {
    await watched.quiet();
    await setTimeout(settleMs);
    const wanted = new Set(entries.map(({ mark }) => mark));
    const found = await readBack(kinesisShards(client, streamName), fromMs - CLOCK_MARGIN_MS, wanted);
    return entries.filter(({ mark }) => !found.has(mark));
  };
  return {
    put: async (entries, doubtFromMs) => {
      const startedMs = Date.now();
      let fromMs = doubtFromMs;
      for (let left = fromMs === undefined ? entries : await missing(entries, fromMs); left.length > 0;) {
        fromMs ??= watched.nowMs();
        try {
          const written = await putInOrder(
            {
              client,
              streamName,
              nowMs: Date.now,
              sleep: (ms) => setTimeout(ms),
              deadlineMs: () => startedMs + (interrupt.signal === undefined ? TRY_MS : TRY_WHEN_STOPPING_MS),
              // The client gives a call up by itself, and says that it is unsure then.
              attemptMs: TRY_MS,
            },
            left,
          );
          if (written.every((outcome) => outcome === 'written')) return;
          throw new CommandError(
            `${streamName} did not take all lines in time; run the same command again, with --rate or more shards if it throttles`,
          );
        } catch (error) {
          const reason = error instanceof SinkError ? error.cause : error;
          if (!(reason instanceof UnsureError)) throw awsErrorOf(doing, reason) ?? error;
          if (Date.now() - startedMs > TRY_MS) {
            throw new CommandError(
              `${streamName} does not answer (${reason.message}); check the network and run the same command again`,
              { cause: reason },
            );
          }
          left = await missing(left, fromMs);
        }
      }
    },
  };
};

/** Reads of one shard a second are five at most, and functions have their part of them. */
const PAUSE_MS = 300;

/** Which of these marks a stream holds, in records that arrived at a time or later. Reads every shard up to its tip. */
const readBack = async (
  source: ShardSource,
  fromMs: number,
  wanted: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  const shards = await source.shards();
  await Promise.all(
    shards.map(async ({ shardId }) => {
      const cursor = source.read(shardId, { kind: 'time', timeMs: fromMs });
      for (;;) {
        const { records, ended, behindMs } = await cursor.next();
        for (const { data } of records) {
          const mark = markIn(data);
          if (mark !== undefined && wanted.has(mark)) found.add(mark);
        }
        if (ended || behindMs === 0 || found.size === wanted.size) return;
        await setTimeout(PAUSE_MS);
      }
    }),
  );
  return found;
};
