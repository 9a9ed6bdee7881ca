import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

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

/** The prepared statements of a log, made once a database. */
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
  readonly deleteThrough: StatementSync;
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
    deleteThrough: database.prepare('DELETE FROM log_record WHERE shard = ? AND position <= ?'),
  };
};

type Row = Readonly<Record<string, SQLOutputValue>>;

const wrongColumn = (column: string): TypeError =>
  new TypeError(`column '${column}' of the log's tables has a foreign type: this is not a database of this version`);

export const numberIn = (row: Row, column: string): number => {
  const value = row[column];
  if (typeof value !== 'number') throw wrongColumn(column);
  return value;
};

export const textIn = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value !== 'string') throw wrongColumn(column);
  return value;
};

export const bytesIn = (row: Row, column: string): Uint8Array => {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrongColumn(column);
  return value;
};
