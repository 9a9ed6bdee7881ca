import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { ShardDescription } from './partitioned-log.ts';

/*
 * `epoch` changes with every reshard, and back when a transaction around one is rolled back: every call compares it, so a
 * cached shard list is known to be stale.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS log_stream (
    stream INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    epoch INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS log_shard (
    shard INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES log_stream (stream),
    shard_id TEXT NOT NULL,
    starting_hash_key TEXT NOT NULL,
    ending_hash_key TEXT NOT NULL,
    parent_shard_ids TEXT NOT NULL,
    starting_sequence_number TEXT NOT NULL,
    ending_sequence_number TEXT,
    UNIQUE (stream, shard_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS log_record (
    shard INTEGER NOT NULL,
    position INTEGER NOT NULL,
    partition_key TEXT NOT NULL,
    arrival_ms INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (shard, position)
  ) STRICT, WITHOUT ROWID;
`;

/** The prepared statements of a log, made once per database. */
export interface LogStatements {
  readonly streamNames: StatementSync;
  readonly streamByName: StatementSync;
  readonly insertStream: StatementSync;
  readonly setPosition: StatementSync;
  readonly setEpoch: StatementSync;
  readonly shardsOfStream: StatementSync;
  readonly insertShard: StatementSync;
  readonly closeShard: StatementSync;
  readonly insertRecord: StatementSync;
  readonly recordsAfter: StatementSync;
  readonly countAfter: StatementSync;
  readonly latestOfShards: StatementSync;
  readonly deleteThrough: StatementSync;
  readonly deleteExpired: StatementSync;
}

/** Makes the tables where they are missing, and the statements. */
export const openTables = (database: DatabaseSync): LogStatements => {
  database.exec(TABLES);
  return {
    streamNames: database.prepare('SELECT name FROM log_stream ORDER BY stream'),
    streamByName: database.prepare('SELECT stream, position, epoch FROM log_stream WHERE name = ?'),
    insertStream: database.prepare('INSERT INTO log_stream (name, position, epoch) VALUES (?, ?, ?)'),
    setPosition: database.prepare('UPDATE log_stream SET position = ? WHERE stream = ?'),
    setEpoch: database.prepare('UPDATE log_stream SET epoch = ? WHERE stream = ?'),
    shardsOfStream: database.prepare('SELECT * FROM log_shard WHERE stream = ? ORDER BY shard'),
    insertShard: database.prepare(
      `INSERT INTO log_shard (stream, shard_id, starting_hash_key, ending_hash_key, parent_shard_ids,
         starting_sequence_number, ending_sequence_number) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    closeShard: database.prepare('UPDATE log_shard SET ending_sequence_number = ? WHERE stream = ? AND shard_id = ?'),
    insertRecord: database.prepare(
      'INSERT INTO log_record (shard, position, partition_key, arrival_ms, data) VALUES (?, ?, ?, ?, ?)',
    ),
    recordsAfter: database.prepare(
      `SELECT position, partition_key, arrival_ms, data FROM log_record
         WHERE shard = ? AND position > ? ORDER BY position LIMIT ?`,
    ),
    countAfter: database.prepare('SELECT count(*) AS records FROM log_record WHERE shard = ? AND position > ?'),
    latestOfShards: database.prepare(
      `SELECT (SELECT max(position) FROM log_record WHERE log_record.shard = log_shard.shard) AS position
         FROM log_shard WHERE stream = ? ORDER BY shard`,
    ),
    deleteThrough: database.prepare('DELETE FROM log_record WHERE shard = ? AND position <= ?'),
    // Looks at the expired front of the shard, and one record more.
    deleteExpired: database.prepare(
      `DELETE FROM log_record WHERE shard = ?1 AND position < coalesce(
         (SELECT position FROM log_record WHERE shard = ?1 AND arrival_ms >= ?2 ORDER BY position LIMIT 1),
         ${String(Number.MAX_SAFE_INTEGER)})`,
    ),
  };
};

type Row = Readonly<Record<string, SQLOutputValue>>;

const wrongColumn = (column: string): TypeError =>
  new TypeError(`column '${column}' of the log's tables has a foreign type: this is not a database of this version`);

/** A number of a row; throws a `TypeError` for anything else, as the two after it do. */
export const numberIn = (row: Row, column: string): number => {
  const value = row[column];
  if (typeof value !== 'number') throw wrongColumn(column);
  return value;
};

/** A text of a row. */
export const textIn = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value !== 'string') throw wrongColumn(column);
  return value;
};

/** Bytes of a row. */
export const bytesIn = (row: Row, column: string): Uint8Array => {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrongColumn(column);
  return value;
};

/** The shards of a stream as stored, and the key of each in the table of records. */
export interface StoredShards {
  readonly shards: readonly ShardDescription[];
  /** In the order of `shards`. */
  readonly keys: readonly number[];
}

/** Reads all shards of a stream, in the order in which they were made. */
export const readShards = (statements: LogStatements, stream: number): StoredShards => {
  const rows = statements.shardsOfStream.all(stream);
  return {
    shards: rows.map((row) => ({
      shardId: textIn(row, 'shard_id'),
      startingHashKey: textIn(row, 'starting_hash_key'),
      endingHashKey: textIn(row, 'ending_hash_key'),
      parentShardIds: textIn(row, 'parent_shard_ids').split(' ').filter(Boolean),
      startingSequenceNumber: textIn(row, 'starting_sequence_number'),
      endingSequenceNumber: row['ending_sequence_number'] === null ? undefined : textIn(row, 'ending_sequence_number'),
    })),
    keys: rows.map((row) => numberIn(row, 'shard')),
  };
};

/** Stores shards that are new, in their order. */
export const insertShards = (statements: LogStatements, stream: number, shards: readonly ShardDescription[]): void => {
  for (const shard of shards) {
    statements.insertShard.run(
      stream,
      shard.shardId,
      shard.startingHashKey,
      shard.endingHashKey,
      shard.parentShardIds.join(' '),
      shard.startingSequenceNumber,
      shard.endingSequenceNumber ?? null,
    );
  }
};
