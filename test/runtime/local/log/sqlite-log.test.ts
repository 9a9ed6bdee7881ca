import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteLog } from '../../../../shared/runtime/local/log/sqlite-log.ts';
import { partitionedLogContract } from '../../../support/partitioned-log-contract.ts';
import { reshardingContract } from '../../../support/resharding-contract.ts';

const ALL = { records: 100, bytes: Number.POSITIVE_INFINITY };
const FIRST = 'shardId-000000000000';
const entry = (text: string) => ({ partitionKey: 'k', data: Buffer.from(text) });

const folder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

partitionedLogContract('SQLite log', (options) => new SqliteLog(new DatabaseSync(':memory:'), options));
reshardingContract('SQLite log', (options) => new SqliteLog(new DatabaseSync(':memory:'), options));

const textsOf = (log: SqliteLog, shardId = FIRST): string[] =>
  log.read('s', shardId, undefined, ALL).map(({ data }) => Buffer.from(data).toString());

describe('SQLite log: durability', () => {
  test('what was put, split and trimmed is there when the file is opened again, and numbers go on growing', () => {
    const path = join(folder, 'reopened.db');
    const database = new DatabaseSync(path);
    const log = new SqliteLog(database);
    log.createStream('s', { shards: 1 });
    const [gone] = log.put('s', [entry('a'), entry('b')], 5);
    log.trim('s', FIRST, gone?.sequenceNumber ?? '');
    log.split('s', FIRST);
    const shards = log.shards('s');
    const latest = log.latestSequenceNumber('s');
    database.close();

    const again = new SqliteLog(new DatabaseSync(path));
    expect([again.streams(), again.shards('s'), again.latestSequenceNumber('s')]).toEqual([['s'], shards, latest]);
    expect(textsOf(again)).toEqual(['b']);
    expect((again.put('s', [entry('c')], 6)[0]?.sequenceNumber ?? '') > latest).toBe(true);
  });

  test('the file is in WAL mode', () => {
    const database = new DatabaseSync(join(folder, 'wal.db'));
    new SqliteLog(database).createStream('s', { shards: 1 });
    expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
  });
});

describe('SQLite log: in the transaction of its caller', () => {
  const opened = (): { database: DatabaseSync; log: SqliteLog } => {
    const database = new DatabaseSync(':memory:');
    const log = new SqliteLog(database);
    log.createStream('s', { shards: 1 });
    return { database, log };
  };

  test('a put becomes part of the transaction, and of its rollback', () => {
    const { database, log } = opened();
    database.exec('BEGIN');
    const [undone] = log.put('s', [entry('undone')], 0);
    database.exec('ROLLBACK');
    database.exec('BEGIN');
    const [kept] = log.put('s', [entry('kept')], 0);
    database.exec('COMMIT');
    expect(textsOf(log)).toEqual(['kept']);
    expect((kept?.sequenceNumber ?? '') > (undone?.sequenceNumber ?? '')).toBe(true);
  });

  test('a reshard that was rolled back is forgotten, also when another one follows', () => {
    const { database, log } = opened();
    database.exec('BEGIN');
    log.split('s', FIRST);
    log.put('s', [entry('undone')], 0);
    database.exec('ROLLBACK');
    expect(log.shards('s')).toMatchObject([{ shardId: FIRST, endingSequenceNumber: undefined }]);
    log.split('s', FIRST, '1'.repeat(32));
    const homes = log.put('s', [entry('kept')], 0).map(({ shardId }) => shardId);
    expect(homes.flatMap((shardId) => textsOf(log, shardId))).toEqual(['kept']);
    expect(log.shards('s')[2]?.startingHashKey).toBe('1'.repeat(32));
  });

  test('a stream whose creation was rolled back can be created otherwise', () => {
    const { database, log } = opened();
    database.exec('BEGIN');
    log.createStream('t', { shards: 1 });
    log.put('t', [entry('undone')], 0);
    database.exec('ROLLBACK');
    log.createStream('t', { shards: 3 });
    expect(log.shards('t')).toHaveLength(3);
  });

  test('a refused put leaves the transaction open and the rest of it whole', () => {
    const { database, log } = opened();
    database.exec('BEGIN');
    log.put('s', [entry('kept')], 0);
    expect(() => log.put('s', [{ partitionKey: '', data: new Uint8Array() }], 0)).toThrow(/partition key/);
    database.exec('COMMIT');
    expect(textsOf(log)).toEqual(['kept']);
  });

  test('a put that fails half-way leaves nothing of itself', () => {
    const { database, log } = opened();
    log.put('s', [entry('before')], 0);
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON log_record WHEN NEW.data = CAST('bad' AS BLOB)
      BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END`);
    expect(() => log.put('s', [entry('good'), entry('bad')], 0)).toThrow('database or disk is full');
    expect(textsOf(log)).toEqual(['before']);
    log.put('s', [entry('after')], 0);
    expect(textsOf(log)).toEqual(['before', 'after']);
  });
});
