import type { DatabaseSync } from 'node:sqlite';
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
import { SequenceCounter, positionOf, sequenceNumberAt } from './sequence-counter.ts';
import { checkEntry, ShardRouter } from './shard-router.ts';
import {
  firstShards,
  mergeShards,
  shardNumberOf,
  splitShard,
  streamExists,
  unknownShard,
  unknownStream,
} from './shard-set.ts';
import type { Reshard } from './shard-set.ts';
import { bytesIn, insertShards, numberIn, openTables, readShards, textIn } from './sqlite-tables.ts';
import type { LogStatements, StoredShards } from './sqlite-tables.ts';

interface CachedStream extends StoredShards {
  readonly stream: number;
  readonly epoch: number;
  readonly counter: SequenceCounter;
  readonly router: ShardRouter;
  /** Place of each shard in `shards`. */
  readonly places: ReadonlyMap<string, number>;
  /** Number of each shard as its records say it. */
  readonly numbers: readonly string[];
  /** Position of the newest record of each shard; too high where its put was rolled back. */
  readonly latest: number[];
}

const FIRST_EPOCH = 1;

/**
 * A log in an SQLite database, which it may share: its tables are called `log_...`.
 *
 * Each call is atomic. Between `BEGIN` and `COMMIT` of the caller it becomes part of that transaction, also of its
 * rollback. One process at a time may write. The database is set to WAL, so open the log outside of a transaction.
 */
export class SqliteLog implements PartitionedLog {
  readonly #database: DatabaseSync;
  readonly #statements: LogStatements;
  readonly #maxRecordBytes: number;
  readonly #cache = new Map<string, CachedStream>();

  constructor(database: DatabaseSync, { maxRecordBytes = KINESIS_RECORD_BYTES }: LogOptions = {}) {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.#database = database;
    this.#statements = openTables(database);
    this.#maxRecordBytes = maxRecordBytes;
  }

  createStream(name: string, options: { readonly shards: number }): void {
    if (this.#statements.streamByName.get(name) !== undefined) throw streamExists(name);
    // Left over if this stream was created before and that was rolled back.
    this.#cache.delete(name);
    const counter = new SequenceCounter(0);
    const shards = firstShards(options.shards, () => counter.next());
    this.#atomically(() => {
      const { lastInsertRowid } = this.#statements.insertStream.run(name, counter.position, FIRST_EPOCH);
      insertShards(this.#statements, Number(lastInsertRowid), shards);
    });
  }

  streams(): readonly string[] {
    return this.#statements.streamNames.all().map((row) => textIn(row, 'name'));
  }

  shards(name: string): readonly ShardDescription[] {
    return this.#stream(name).shards;
  }

  put(name: string, entries: readonly PutEntry[], arrivalMs: number): readonly PutResult[] {
    const { stream, counter, shards, keys, router, latest } = this.#stream(name);
    const indexes = entries.map((entry) => {
      checkEntry(entry, this.#maxRecordBytes);
      return router.indexFor(entry);
    });
    const { insertRecord, setPosition } = this.#statements;
    return this.#atomically(() => {
      const results = entries.map(({ partitionKey, data }, at) => {
        const index = indexes[at] ?? 0;
        const sequenceNumber = counter.next();
        insertRecord.run(keys[index] ?? 0, counter.position, partitionKey, arrivalMs, data);
        latest[index] = counter.position;
        return { shardId: shards[index]?.shardId ?? '', sequenceNumber };
      });
      setPosition.run(counter.position, stream);
      return results;
    });
  }

  read(name: string, shardId: string, after: string | undefined, limit: ReadLimit): readonly DeliveredRecord[] {
    const { key, number } = this.#shard(name, shardId);
    const position = after === undefined ? 0 : positionOf(after);
    const records: DeliveredRecord[] = [];
    let bytes = 0;
    for (const row of this.#statements.recordsAfter.iterate(
      key,
      position,
      Math.min(limit.records, Number.MAX_SAFE_INTEGER),
    )) {
      const data = bytesIn(row, 'data');
      bytes += data.length;
      if (bytes > limit.bytes && records.length > 0) break;
      records.push({
        partitionKey: textIn(row, 'partition_key'),
        sequenceNumber: sequenceNumberAt(numberIn(row, 'position')),
        data,
        arrivalMs: numberIn(row, 'arrival_ms'),
        shard: number,
      });
    }
    return records;
  }

  count(name: string, shardId: string, after: string | undefined): number {
    const { key } = this.#shard(name, shardId);
    const row = this.#statements.countAfter.get(key, after === undefined ? 0 : positionOf(after));
    return row === undefined ? 0 : numberIn(row, 'records');
  }

  latestSequenceNumber(name: string): string {
    return this.#stream(name).counter.latest;
  }

  shardsAfter(name: string, after: string | undefined): readonly string[] {
    const { shards, latest } = this.#stream(name);
    const position = after === undefined ? 0 : positionOf(after);
    return shards.flatMap(({ shardId }, index) => ((latest[index] ?? 0) > position ? [shardId] : []));
  }

  split(name: string, shardId: string, newStartingHashKey?: HashKey): readonly [string, string] {
    const stream = this.#stream(name);
    const reshard = splitShard(stream.shards, shardId, newStartingHashKey, () => stream.counter.next());
    this.#apply(stream, reshard);
    const [lower, upper] = reshard.opened;
    return [lower.shardId, upper.shardId];
  }

  merge(name: string, shardId: string, adjacentShardId: string): string {
    const stream = this.#stream(name);
    const reshard = mergeShards(stream.shards, shardId, adjacentShardId, () => stream.counter.next());
    this.#apply(stream, reshard);
    return reshard.opened[0].shardId;
  }

  trim(name: string, shardId: string, throughSequenceNumber: string): void {
    this.#statements.deleteThrough.run(this.#shard(name, shardId).key, positionOf(throughSequenceNumber));
  }

  expire(name: string, shardId: string, arrivedBeforeMs: number): void {
    const boundMs = Math.max(Number.MIN_SAFE_INTEGER, Math.min(arrivedBeforeMs, Number.MAX_SAFE_INTEGER));
    this.#statements.deleteExpired.run(this.#shard(name, shardId).key, boundMs);
  }

  #apply({ stream, epoch, counter }: CachedStream, { closed, opened }: Reshard): void {
    const { closeShard, setPosition, setEpoch } = this.#statements;
    this.#atomically(() => {
      for (const shard of closed) closeShard.run(shard.endingSequenceNumber ?? null, stream, shard.shardId);
      insertShards(this.#statements, stream, opened);
      setPosition.run(counter.position, stream);
      setEpoch.run(epoch + 1, stream);
    });
  }

  #stream(name: string): CachedStream {
    const row = this.#statements.streamByName.get(name);
    if (row === undefined) throw unknownStream(name);
    const epoch = numberIn(row, 'epoch');
    const cached = this.#cache.get(name);
    if (cached?.epoch === epoch) return cached;
    const stream = numberIn(row, 'stream');
    const stored = readShards(this.#statements, stream);
    const fresh = {
      ...stored,
      stream,
      epoch,
      counter: new SequenceCounter(Math.max(numberIn(row, 'position'), cached?.counter.position ?? 0)),
      router: new ShardRouter(stored.shards),
      places: new Map(stored.shards.map(({ shardId }, place) => [shardId, place])),
      numbers: stored.shards.map(({ shardId }) => shardNumberOf(shardId)),
      latest: this.#statements.latestOfShards.all(stream).map((found) => Number(found['position'] ?? 0)),
    };
    this.#cache.set(name, fresh);
    return fresh;
  }

  #shard(name: string, shardId: string): { readonly key: number; readonly number: string } {
    const { places, keys, numbers } = this.#stream(name);
    const place = places.get(shardId) ?? -1;
    const key = keys[place];
    if (key === undefined) throw unknownShard(shardId);
    return { key, number: numbers[place] ?? '' };
  }

  /** A savepoint is a transaction of its own, or a part of the one that is open. */
  #atomically<Result>(work: () => Result): Result {
    this.#database.exec('SAVEPOINT log_call');
    try {
      const result = work();
      this.#database.exec('RELEASE log_call');
      return result;
    } catch (error) {
      // A full disk has ended the whole transaction already, savepoint and all.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK TO log_call; RELEASE log_call');
      throw error;
    }
  }
}
