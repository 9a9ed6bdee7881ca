import { evenHashKeyRanges, hashKeyBefore, middleHashKey } from '../../../stream/hash-key.ts';
import type { HashKey } from '../../../stream/hash-key.ts';
import { LogRequestError } from './partitioned-log.ts';
import type { ShardDescription } from './partitioned-log.ts';

/** What a split or a merge changes: parents as they are now, and the shards that are new, in order. */
export interface Reshard<Opened extends readonly ShardDescription[] = readonly ShardDescription[]> {
  readonly closed: readonly ShardDescription[];
  readonly opened: Opened;
}

const shardIdAt = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

/**
 * The number of a shard, which names it in the records it delivers.
 *
 * @example
 * ```ts
 * shardNumberOf('shardId-000000000012'); // '12'
 * ```
 */
export const shardNumberOf = (shardId: string): string => String(Number(shardId.slice(shardId.lastIndexOf('-') + 1)));

/** The shards of a new stream. */
export const firstShards = (count: number, nextNumber: () => string): readonly ShardDescription[] =>
  evenHashKeyRanges(count).map((range, index) => ({
    ...range,
    shardId: shardIdAt(index),
    parentShardIds: [],
    startingSequenceNumber: nextNumber(),
    endingSequenceNumber: undefined,
  }));

/** See {@link PartitionedLog.split}. */
export const splitShard = (
  shards: readonly ShardDescription[],
  shardId: string,
  newStartingHashKey: HashKey | undefined,
  nextNumber: () => string,
): Reshard<readonly [lower: ShardDescription, upper: ShardDescription]> => {
  const parent = openShard(shards, shardId);
  const at = newStartingHashKey ?? middleHashKey(parent);
  if (!HASH_KEY.test(at) || at <= parent.startingHashKey || at > parent.endingHashKey) {
    throw new LogRequestError(
      'bad-hash-key',
      `${shardId} cannot be split at '${at}': its range is ${parent.startingHashKey} to ${parent.endingHashKey}, and the new starting hash key must lie above its start`,
    );
  }
  const closed = closedShard(parent, nextNumber);
  const child = { parentShardIds: [shardId], endingSequenceNumber: undefined };
  const lower = { startingHashKey: parent.startingHashKey, endingHashKey: hashKeyBefore(at) };
  const upper = { startingHashKey: at, endingHashKey: parent.endingHashKey };
  return {
    closed: [closed],
    opened: [
      { ...child, ...lower, shardId: shardIdAt(shards.length), startingSequenceNumber: nextNumber() },
      { ...child, ...upper, shardId: shardIdAt(shards.length + 1), startingSequenceNumber: nextNumber() },
    ],
  };
};

/** See {@link PartitionedLog.merge}. */
export const mergeShards = (
  shards: readonly ShardDescription[],
  shardId: string,
  adjacentShardId: string,
  nextNumber: () => string,
): Reshard<readonly [ShardDescription]> => {
  const parents = [openShard(shards, shardId), openShard(shards, adjacentShardId)] as const;
  const [one, other] = parents;
  const [lower, upper] = one.startingHashKey < other.startingHashKey ? parents : ([other, one] as const);
  if (lower === upper || lower.endingHashKey !== hashKeyBefore(upper.startingHashKey)) {
    throw new LogRequestError(
      'shards-not-adjacent',
      `${shardId} and ${adjacentShardId} cannot be merged: one's range must begin where the other's ends`,
    );
  }
  return {
    closed: parents.map((parent) => closedShard(parent, nextNumber)),
    opened: [
      {
        shardId: shardIdAt(shards.length),
        startingHashKey: lower.startingHashKey,
        endingHashKey: upper.endingHashKey,
        parentShardIds: [shardId, adjacentShardId],
        startingSequenceNumber: nextNumber(),
        endingSequenceNumber: undefined,
      },
    ],
  };
};

/** All shards after a split or a merge, in the order in which they were made. */
export const resharded = (shards: readonly ShardDescription[], { closed, opened }: Reshard): ShardDescription[] => [
  ...shards.map((shard) => closed.find(({ shardId }) => shardId === shard.shardId) ?? shard),
  ...opened,
];

const HASH_KEY = /^[0-9a-f]{32}$/;

const closedShard = (shard: ShardDescription, nextNumber: () => string): ShardDescription => ({
  ...shard,
  endingSequenceNumber: nextNumber(),
});

const openShard = (shards: readonly ShardDescription[], shardId: string): ShardDescription => {
  const shard = shards.find((candidate) => candidate.shardId === shardId);
  if (shard === undefined) throw unknownShard(shardId);
  if (shard.endingSequenceNumber === undefined) return shard;
  throw new LogRequestError('shard-closed', `${shardId} is closed: only an open shard can be split or merged`);
};

/** The error for a shard id that the stream does not have. */
export const unknownShard = (shardId: string): LogRequestError =>
  new LogRequestError('unknown-shard', `no shard '${shardId}': take an id that shards() lists`);

/** The error for a stream that was not created. */
export const unknownStream = (name: string): LogRequestError =>
  new LogRequestError('unknown-stream', `no stream '${name}': create it first`);

/** The error for creating a stream twice. */
export const streamExists = (name: string): LogRequestError =>
  new LogRequestError('stream-exists', `stream '${name}' exists already: look at streams() before creating it`);
