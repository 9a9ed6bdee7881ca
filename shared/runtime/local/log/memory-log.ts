import { KINESIS_RECORD_BYTES } from '../../../codec/kpl-aggregator.ts';
import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { HashKey } from '../../../stream/hash-key.ts';
import { MemoryShard } from './memory-shard.ts';
import type {
  LogOptions,
  PartitionedLog,
  PutEntry,
  PutResult,
  ReadLimit,
  ShardDescription,
} from './partitioned-log.ts';
import { checkEntry } from './put-check.ts';
import { SequenceCounter, positionOf } from './sequence-counter.ts';
import { ShardRouter } from './shard-router.ts';
import {
  firstShards,
  mergeShards,
  resharded,
  splitShard,
  streamExists,
  unknownShard,
  unknownStream,
} from './shard-set.ts';
import type { Reshard } from './shard-set.ts';

interface MemoryStream {
  readonly counter: SequenceCounter;
  shards: readonly ShardDescription[];
  router: ShardRouter;
  /** In the order of `shards`. */
  readonly contents: MemoryShard[];
}

/** A log that lives as long as this object. Records that were read share memory with what was put. */
export class MemoryLog implements PartitionedLog {
  readonly #streams = new Map<string, MemoryStream>();
  readonly #maxRecordBytes: number;

  constructor({ maxRecordBytes = KINESIS_RECORD_BYTES }: LogOptions = {}) {
    this.#maxRecordBytes = maxRecordBytes;
  }

  createStream(name: string, options: { readonly shards: number }): void {
    if (this.#streams.has(name)) throw streamExists(name);
    const counter = new SequenceCounter(0);
    const shards = firstShards(options.shards, () => counter.next());
    const contents = shards.map(() => new MemoryShard());
    this.#streams.set(name, { counter, shards, router: new ShardRouter(shards), contents });
  }

  streams(): readonly string[] {
    return [...this.#streams.keys()];
  }

  shards(name: string): readonly ShardDescription[] {
    return this.#stream(name).shards;
  }

  put(name: string, entries: readonly PutEntry[], arrivalMs: number): readonly PutResult[] {
    const { counter, shards, router, contents } = this.#stream(name);
    const indexes = entries.map((entry) => {
      checkEntry(entry, this.#maxRecordBytes);
      return router.indexFor(entry);
    });
    return entries.map(({ partitionKey, data }, at) => {
      const index = indexes[at] ?? 0;
      const sequenceNumber = counter.next();
      contents[index]?.append({ partitionKey, sequenceNumber, data, arrivalMs });
      return { shardId: shards[index]?.shardId ?? '', sequenceNumber };
    });
  }

  read(name: string, shardId: string, after: string | undefined, limit: ReadLimit): readonly DeliveredRecord[] {
    return this.#shard(name, shardId, after).read(after, limit);
  }

  count(name: string, shardId: string, after: string | undefined): number {
    return this.#shard(name, shardId, after).count(after);
  }

  latestSequenceNumber(name: string): string {
    return this.#stream(name).counter.latest;
  }

  split(name: string, shardId: string, newStartingHashKey?: HashKey): readonly [string, string] {
    const stream = this.#stream(name);
    const reshard = splitShard(stream.shards, shardId, newStartingHashKey, () => stream.counter.next());
    apply(stream, reshard);
    const [lower, upper] = reshard.opened;
    return [lower.shardId, upper.shardId];
  }

  merge(name: string, shardId: string, adjacentShardId: string): string {
    const stream = this.#stream(name);
    const reshard = mergeShards(stream.shards, shardId, adjacentShardId, () => stream.counter.next());
    apply(stream, reshard);
    return reshard.opened[0].shardId;
  }

  trim(name: string, shardId: string, throughSequenceNumber: string): void {
    this.#shard(name, shardId, throughSequenceNumber).trim(throughSequenceNumber);
  }

  #stream(name: string): MemoryStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw unknownStream(name);
    return stream;
  }

  #shard(name: string, shardId: string, sequenceNumber: string | undefined): MemoryShard {
    const { shards, contents } = this.#stream(name);
    const shard = contents[shards.findIndex((candidate) => candidate.shardId === shardId)];
    if (shard === undefined) throw unknownShard(shardId);
    if (sequenceNumber !== undefined) positionOf(sequenceNumber);
    return shard;
  }
}

const apply = (stream: MemoryStream, reshard: Reshard): void => {
  stream.shards = resharded(stream.shards, reshard);
  stream.router = new ShardRouter(stream.shards);
  stream.contents.push(...reshard.opened.map(() => new MemoryShard()));
};
