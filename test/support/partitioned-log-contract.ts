import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogOptions, PartitionedLog, PutEntry } from '../../shared/runtime/local/log/partitioned-log.ts';
import { hashKeyOf, hashKeyToDecimal } from '../../shared/stream/hash-key.ts';
import { ALL, entry, FIRST, readAll, refusal, texts } from './log-records.ts';

/** What every partitioned log does. `open` gives a new, empty one. */
export const partitionedLogContract = (name: string, open: (options?: LogOptions) => PartitionedLog): void => {
  const opened = (shards = 1): PartitionedLog => {
    const log = open();
    log.createStream('s', { shards });
    return log;
  };

  describe(`${name}: streams`, () => {
    test('are listed in the order in which they were made', () => {
      const log = open();
      for (const stream of ['b', 'a', 'c']) log.createStream(stream, { shards: 1 });
      expect(log.streams()).toEqual(['b', 'a', 'c']);
    });

    test('a name is taken once', () => {
      expect(refusal(() => opened().createStream('s', { shards: 1 }))).toMatch(/^stream-exists: stream 's'/);
    });

    test('a number of shards outside 1 to 10000 is refused and nothing is made', () => {
      const log = open();
      expect(() => log.createStream('s', { shards: 0 })).toThrow(/1 to 10000 shards, got 0/);
      expect(log.streams()).toEqual([]);
    });

    test('an unknown stream or shard is an error that says so, in every call', () => {
      const log = opened();
      expect(refusal(() => log.shards('t'))).toMatch(/^unknown-stream: .*'t'/);
      expect(refusal(() => log.put('t', [], 0))).toMatch(/^unknown-stream/);
      expect(refusal(() => log.read('t', FIRST, undefined, ALL))).toMatch(/^unknown-stream/);
      expect(refusal(() => log.latestSequenceNumber('t'))).toMatch(/^unknown-stream/);
      for (const shardId of ['shardId-000000000001', 'x', '']) {
        expect(refusal(() => log.read('s', shardId, undefined, ALL))).toMatch(/^unknown-shard/);
        expect(refusal(() => log.count('s', shardId, undefined))).toMatch(/^unknown-shard/);
        expect(refusal(() => log.split('s', shardId))).toMatch(/^unknown-shard/);
        expect(refusal(() => log.merge('s', shardId, FIRST))).toMatch(/^unknown-shard/);
        expect(refusal(() => log.trim('s', shardId, log.latestSequenceNumber('s')))).toMatch(/^unknown-shard/);
      }
    });

    test('a new stream has open shards that divide the hash space', () => {
      const shards = opened(2).shards('s');
      expect(shards).toMatchObject([
        { shardId: FIRST, startingHashKey: '0'.repeat(32), endingHashKey: `7${'f'.repeat(31)}` },
        { shardId: 'shardId-000000000001', startingHashKey: `8${'0'.repeat(31)}`, endingHashKey: 'f'.repeat(32) },
      ]);
      expect(shards.map(({ parentShardIds, endingSequenceNumber }) => [parentShardIds, endingSequenceNumber])).toEqual([
        [[], undefined],
        [[], undefined],
      ]);
    });
  });

  describe(`${name}: put and read`, () => {
    test('a record comes back with its key, data, arrival time and the number that put returned', () => {
      const log = opened();
      const [put] = log.put('s', [{ partitionKey: 'Zürich', data: Uint8Array.of(0, 255, 7) }], 1_700_000_000_123);
      const [record] = log.read('s', FIRST, undefined, ALL);
      expect({ ...record, data: [...(record?.data ?? [])] }).toEqual({
        partitionKey: 'Zürich',
        sequenceNumber: put?.sequenceNumber,
        data: [0, 255, 7],
        arrivalMs: 1_700_000_000_123,
        shard: '0',
      });
      expect(put?.shardId).toBe(FIRST);
    });

    test('a record may be empty', () => {
      const log = opened();
      log.put('s', [{ partitionKey: 'k', data: new Uint8Array() }], 0);
      expect(log.read('s', FIRST, undefined, ALL)[0]?.data).toHaveLength(0);
    });

    test('sequence numbers are 56 digits that begin with 49, and grow over all shards in the order of the puts', () => {
      const log = opened(4);
      const given = [1, 2, 3].flatMap((round) =>
        log.put(
          's',
          ['a', 'b', 'c', 'd', 'e'].map((key) => entry(`${key}${String(round)}`)),
          round,
        ),
      );
      const order = given.map(({ sequenceNumber }) => sequenceNumber);
      expect(order.every((number) => /^49\d{54}$/.test(number))).toBe(true);
      expect([...new Set(order)].sort()).toEqual(order);
      expect(new Set(given.map(({ shardId }) => shardId)).size).toBeGreaterThan(1);
    });

    test('a partition key goes to the shard whose range holds its MD5, always the same', () => {
      fc.assert(
        fc.property(fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 20 }), (keys) => {
          const log = opened(5);
          const shards = log.shards('s');
          const results = log.put(
            's',
            [...keys, ...keys].map((key) => entry(key)),
            0,
          );
          results.forEach(({ shardId }, at) => {
            const hashKey = hashKeyOf(keys[at % keys.length] ?? '');
            const home = shards.find((shard) => shard.startingHashKey <= hashKey && hashKey <= shard.endingHashKey);
            expect(shardId).toBe(home?.shardId);
          });
        }),
        { numRuns: 20 },
      );
    });

    test('an explicit hash key decides instead, and does not stick to the partition key', () => {
      const log = opened(2);
      const last = (2n ** 128n - 1n).toString();
      const put = (explicitHashKey: string): string | undefined =>
        log.put('s', [{ ...entry('k'), explicitHashKey }], 0)[0]?.shardId;
      expect([put('0'), put(last), put('0')]).toEqual([FIRST, 'shardId-000000000001', FIRST]);
    });

    test('the ends of a range belong to its shard', () => {
      const log = opened(3);
      for (const { shardId, startingHashKey, endingHashKey } of log.shards('s')) {
        for (const place of [startingHashKey, endingHashKey]) {
          const explicitHashKey = hashKeyToDecimal(place);
          expect(log.put('s', [{ ...entry('k'), explicitHashKey }], 0)).toMatchObject([{ shardId }]);
        }
      }
    });

    test('reading goes on after a number and stops at the limit of records', () => {
      const log = opened();
      log.put(
        's',
        ['a', 'b', 'c', 'd'].map((key) => entry(key)),
        0,
      );
      const first = log.read('s', FIRST, undefined, { ...ALL, records: 3 });
      const second = log.read('s', FIRST, first.at(-1)?.sequenceNumber, { ...ALL, records: 3 });
      expect([texts(first), texts(second)]).toEqual([['a', 'b', 'c'], ['d']]);
      expect(log.read('s', FIRST, second.at(-1)?.sequenceNumber, ALL)).toEqual([]);
    });

    test('reading stops before the record that passes the limit of bytes, but returns one at least', () => {
      const log = opened();
      log.put(
        's',
        ['aaaa', 'bb', 'cc', 'd'].map((key) => entry(key)),
        0,
      );
      const upTo = (bytes: number): string[] => texts(log.read('s', FIRST, undefined, { ...ALL, bytes }));
      expect([upTo(1), upTo(5), upTo(6), upTo(8), upTo(9)]).toEqual([
        ['aaaa'],
        ['aaaa'],
        ['aaaa', 'bb'],
        ['aaaa', 'bb', 'cc'],
        ['aaaa', 'bb', 'cc', 'd'],
      ]);
    });

    test('reading after the latest number returns only what is put from then on, in every shard', () => {
      const log = opened(3);
      const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
      log.put(
        's',
        keys.map((key) => entry(key, 'old')),
        0,
      );
      const latest = log.latestSequenceNumber('s');
      log.put(
        's',
        keys.map((key) => entry(key, 'new')),
        0,
      );
      const after = log.shards('s').flatMap(({ shardId }) => log.read('s', shardId, latest, ALL));
      expect(texts(after)).toEqual(keys.map(() => 'new'));
    });

    test('a record says the number of its shard, also after a reshard', () => {
      const log = opened(13);
      log.put('s', [{ ...entry('k'), explicitHashKey: (2n ** 128n - 1n).toString() }], 0);
      expect(readAll(log, 's').map(({ shard }) => shard)).toEqual(['12']);
      const [, upper] = log.split('s', 'shardId-000000000012');
      log.put('s', [{ ...entry('k'), explicitHashKey: (2n ** 128n - 1n).toString() }], 0);
      expect(log.read('s', upper, undefined, ALL).map(({ shard }) => shard)).toEqual(['14']);
    });

    test('shardsAfter lists the shards with a record after a number, and no other', () => {
      const log = opened(4);
      const at = (shard: bigint): PutEntry => ({ ...entry('k'), explicitHashKey: (shard << 126n).toString() });
      const id = (shard: number): string => `shardId-00000000000${String(shard)}`;
      expect(log.shardsAfter('s', undefined)).toEqual([]);
      log.put('s', [at(2n), at(0n)], 0);
      expect(log.shardsAfter('s', undefined)).toEqual([id(0), id(2)]);
      const latest = log.latestSequenceNumber('s');
      expect(log.shardsAfter('s', latest)).toEqual([]);
      log.put('s', [at(3n), at(2n)], 0);
      expect(log.shardsAfter('s', latest)).toEqual([id(2), id(3)]);
      log.split('s', id(3));
      expect(log.shardsAfter('s', latest)).toEqual([id(2), id(3)]);
      const [put] = log.put('s', [at(3n)], 0);
      expect(log.shardsAfter('s', latest)).toEqual([id(2), id(3), put?.shardId]);
    });

    test('two streams do not mix', () => {
      const log = opened();
      log.createStream('t', { shards: 1 });
      log.put('s', [entry('in s')], 0);
      log.put('t', [entry('in t')], 0);
      expect([texts(readAll(log, 's')), texts(readAll(log, 't'))]).toEqual([['in s'], ['in t']]);
    });

    test('a number that is not of this log is refused', () => {
      for (const number of ['', '7', `49${'x'.repeat(54)}`, '4'.repeat(56)]) {
        expect(refusal(() => opened().read('s', FIRST, number, ALL))).toMatch(/^bad-sequence-number/);
      }
    });
  });

  describe(`${name}: what is refused`, () => {
    const all = (log: PartitionedLog, ...entries: readonly PutEntry[]): string =>
      refusal(() => log.put('s', entries, 0));

    test('a partition key has 1 to 256 characters', () => {
      const log = opened();
      expect(all(log, entry(''))).toMatch(/^bad-partition-key: .*got 0/);
      expect(all(log, entry('k'.repeat(257)))).toMatch(/^bad-partition-key: .*1 to 256 .*got 257/);
      expect(all(log, entry('k'.repeat(256)))).toBe('nothing was refused');
    });

    test('a record has 1 MiB at most, its key in UTF-8 included', () => {
      const log = opened();
      const sized = (bytes: number): PutEntry => ({ partitionKey: 'ü', data: new Uint8Array(bytes) });
      expect(all(log, sized(1024 * 1024 - 1))).toMatch(/^record-too-large: .*1048577 bytes.*at most 1048576/);
      expect(all(log, sized(1024 * 1024 - 2))).toBe('nothing was refused');
    });

    test('the size limit is an option', () => {
      const log = open({ maxRecordBytes: 10 });
      log.createStream('s', { shards: 1 });
      expect(all(log, entry('kk', '123456789'))).toMatch(/^record-too-large/);
      expect(all(log, entry('kk', '12345678'))).toBe('nothing was refused');
    });

    test('an explicit hash key is a number below 2^128', () => {
      for (const explicitHashKey of ['', '-1', '0x1', (2n ** 128n).toString()]) {
        expect(all(opened(), { ...entry('k'), explicitHashKey })).toMatch(/^bad-hash-key/);
      }
    });

    test('one bad entry refuses the whole put, and no number is used up', () => {
      const log = opened();
      const before = log.latestSequenceNumber('s');
      expect(all(log, entry('a'), entry(''), entry('b'))).toMatch(/^bad-partition-key/);
      expect([readAll(log, 's'), log.latestSequenceNumber('s')]).toEqual([[], before]);
    });
  });
};
