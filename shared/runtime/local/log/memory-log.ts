import { KINESIS_RECORD_BYTES } from '../../../codec/kpl-aggregator.ts';
import type { DeliveredRecord } from '../../../stream/delivered-record.ts';
import type { HashKey } from '../../../stream/hash-key.ts';
import type {
  LogOptions,
  PartitionedLog,
  PutEntry,
  PutResult,
  ReadLimit,
  ShardDescription,
} from './partitioned-log.ts';
import { SequenceCounter, positionOf } from './sequence-counter.ts';
import { checkEntry, ShardRouter } from './shard-router.ts';
import {
  firstShards,
  mergeShards,
  resharded,
  shardNumberOf,
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
  readonly byId: Map<string, MemoryShard>;
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
    const stream = { counter, shards, router: new ShardRouter(shards), contents: [], byId: new Map() };
    open(stream, shards);
    this.#streams.set(name, stream);
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
      contents[index]?.append(partitionKey, sequenceNumber, data, arrivalMs);
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

  shardsAfter(name: string, after: string | undefined): readonly string[] {
    const { shards, contents } = this.#stream(name);
    const number = after ?? '';
    return shards.flatMap(({ shardId }, index) => ((contents[index]?.latest ?? '') > number ? [shardId] : []));
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

  expire(name: string, shardId: string, arrivedBeforeMs: number): void {
    this.#shard(name, shardId, undefined).expire(arrivedBeforeMs);
  }

  #stream(name: string): MemoryStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw unknownStream(name);
    return stream;
  }

  #shard(name: string, shardId: string, sequenceNumber: string | undefined): MemoryShard {
    const shard = this.#stream(name).byId.get(shardId);
    if (shard === undefined) throw unknownShard(shardId);
    if (sequenceNumber !== undefined) positionOf(sequenceNumber);
    return shard;
  }
}

const open = ({ contents, byId }: MemoryStream, shards: readonly ShardDescription[]): void => {
  for (const { shardId } of shards) {
    const shard = new MemoryShard(shardNumberOf(shardId));
    contents.push(shard);
    byId.set(shardId, shard);
  }
};

const apply = (stream: MemoryStream, reshard: Reshard): void => {
  stream.shards = resharded(stream.shards, reshard);
  stream.router = new ShardRouter(stream.shards);
  open(stream, reshard.opened);
};

/** Trimmed records are let go in lumps of at least this many, so that a trim costs next to nothing. */
const MIN_LUMP_RECORDS = 1024;

/** The records of one shard: an array whose front is trimmed by moving a mark and let go lazily. */
class MemoryShard {
  /** Number of the newest record that was ever put here. */
  latest = '';
  readonly #number: string;
  #records: DeliveredRecord[] = [];
  #first = 0;

  constructor(number: string) {
    this.#number = number;
  }

  append(partitionKey: string, sequenceNumber: string, data: Uint8Array, arrivalMs: number): void {
    this.#records.push({ partitionKey, sequenceNumber, data, arrivalMs, shard: this.#number });
    this.latest = sequenceNumber;
  }

  count(after: string | undefined): number {
    return this.#records.length - this.#indexAfter(after);
  }

  read(after: string | undefined, limit: ReadLimit): readonly DeliveredRecord[] {
    const start = this.#indexAfter(after);
    const maxEnd = Math.min(this.#records.length, start + limit.records);
    let end = start;
    for (let bytes = 0; end < maxEnd; end += 1) {
      bytes += this.#records[end]?.data.length ?? 0;
      if (bytes > limit.bytes && end > start) break;
    }
    return this.#records.slice(start, end);
  }

  trim(through: string): void {
    this.#startAt(this.#indexAfter(through));
  }

  expire(arrivedBeforeMs: number): void {
    let first = this.#first;
    while ((this.#records[first]?.arrivalMs ?? Infinity) < arrivedBeforeMs) first += 1;
    this.#startAt(first);
  }

  #startAt(first: number): void {
    if (first === this.#records.length) {
      this.#records = [];
      this.#first = 0;
    } else if (first >= MIN_LUMP_RECORDS && first * 2 >= this.#records.length) {
      this.#records = this.#records.slice(first);
      this.#first = 0;
    } else this.#first = first;
  }

  /** Sequence numbers of one log have the same length, so text order is number order. */
  #indexAfter(after: string | undefined): number {
    if (after === undefined) return this.#first;
    let low = this.#first;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle]?.sequenceNumber ?? '') <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
