import type { PartitionedLog } from '../../../shared/runtime/local/log/partitioned-log.ts';
import type { SeededRandom } from '../seeded-random.ts';

const MAX_OPEN_SHARDS = 4;

/** Splits or merges shards of a stream; undefined where neither was possible. */
export const reshard = (
  log: PartitionedLog,
  stream: string,
  chance: SeededRandom,
): { readonly kind: 'split' | 'merge'; readonly text: string } | undefined => {
  const open = log
    .shards(stream)
    .filter(({ endingSequenceNumber }) => endingSequenceNumber === undefined)
    .sort((one, other) => (one.startingHashKey < other.startingHashKey ? -1 : 1));
  const at = chance.below(open.length);
  const [shard, neighbour] = [open[at], open[at + 1]];
  if (shard === undefined) return undefined;
  if (neighbour !== undefined && (open.length >= MAX_OPEN_SHARDS || chance.yes(0.5))) {
    log.merge(stream, shard.shardId, neighbour.shardId);
    return { kind: 'merge', text: `${stream}: ${shard.shardId} and ${neighbour.shardId} become one` };
  }
  if (open.length >= MAX_OPEN_SHARDS) return undefined;
  // Anywhere in the range, so that keys end up alone and together.
  const upper = chance
    .below(16 ** 8)
    .toString(16)
    .padStart(8, '0')
    .padEnd(32, '0');
  const isInside = upper > shard.startingHashKey && upper <= shard.endingHashKey;
  log.split(stream, shard.shardId, isInside ? upper : undefined);
  return { kind: 'split', text: `${stream}: ${shard.shardId} is split` };
};
