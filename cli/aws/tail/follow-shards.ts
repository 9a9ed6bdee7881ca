import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import type { ReadFrom, ShardCursor, ShardSource } from '../kinesis-shards.ts';

/** One record with the shard it is in. */
export interface FollowedRecord extends DeliveredRecord {
  readonly shardId: string;
}

export interface FollowOptions {
  readonly source: ShardSource;
  readonly from: ReadFrom;
  readonly pause: (ms: number) => Promise<void>;
  readonly stopped: () => boolean;
}

/** Reads of one shard a second are five at most, and functions have their part of them. */
const PAUSE_BEHIND_MS = 300;
const PAUSE_AT_TIP_MS = 1000;

/**
 * Reads all shards of a stream, page by page and one shard after the other, until it is stopped; of each partition key in order.
 *
 * It follows resharding: a shard is begun when those it was made of are read to their end, and from its start.
 */
export const followShards = async function* (options: FollowOptions): AsyncGenerator<readonly FollowedRecord[]> {
  const { source, from, pause, stopped } = options;
  const open = new Map<string, ShardCursor>();
  /** Shards that are not to be begun any more: they are open, or over. */
  const begun = new Set<string>();
  let isFirst = true;

  const begin = async (): Promise<void> => {
    const shards = await source.shards();
    const known = new Set(shards.map(({ shardId }) => shardId));
    for (const { shardId, parents, closed } of shards) {
      if (begun.has(shardId)) continue;
      if (isFirst && from.kind === 'now' && closed) {
        begun.add(shardId);
        continue;
      }
      // Now and then what a shard was made of is read no more, because it was over before reading began.
      const waits = parents.some((parent) => open.has(parent) || (known.has(parent) && !begun.has(parent)));
      if (waits) continue;
      begun.add(shardId);
      open.set(shardId, source.read(shardId, isFirst ? from : { kind: 'start' }));
    }
    isFirst = false;
  };

  await begin();
  while (!stopped()) {
    let isBehind = false;
    let ended = false;
    for (const [shardId, cursor] of open) {
      const page = await cursor.next();
      if (page.records.length > 0) yield page.records.map((record) => ({ ...record, shardId }));
      if (stopped()) return;
      isBehind ||= page.behindMs > 0;
      if (!page.ended) continue;
      open.delete(shardId);
      ended = true;
    }
    if (ended) await begin();
    else await pause(isBehind ? PAUSE_BEHIND_MS : PAUSE_AT_TIP_MS);
  }
};
