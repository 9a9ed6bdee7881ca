import { setTimeout } from 'node:timers/promises';
import type { ShardSource } from '../shards/shard-source.ts';
import { markIn } from './marked-aggregate.ts';

/** Reads of one shard a second are five at most, and functions have their part of them. */
const PAUSE_MS = 300;

/** Which of these marks stand in a stream, in records that arrived at a time or later. Reads every shard up to its tip. */
export const readBack = async (
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
