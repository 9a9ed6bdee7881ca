import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LogRequestError } from '../../shared/runtime/local/log/log-request-error.ts';
import type { LogOptions, PartitionedLog, PutEntry } from '../../shared/runtime/local/log/partitioned-log.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';
import { hashKeyFromDecimal, hashKeyOf, hashKeyToDecimal } from '../../shared/stream/hash-key.ts';

const ALL = { records: 1_000_000, bytes: Number.POSITIVE_INFINITY };
const FIRST = 'shardId-000000000000';

const entry = (partitionKey: string, text = partitionKey): PutEntry => ({ partitionKey, data: Buffer.from(text) });
const texts = (records: readonly DeliveredRecord[]): string[] =>
  records.map(({ data }) => Buffer.from(data).toString());
const numbers = (records: readonly DeliveredRecord[]): string[] => records.map(({ sequenceNumber }) => sequenceNumber);

const readAll = (log: PartitionedLog, name: string): DeliveredRecord[] =>
  log.shards(name).flatMap(({ shardId }) => log.read(name, shardId, undefined, ALL));

const refusal = (request: () => unknown): string => {
  try {
    request();
  } catch (error) {
    if (error instanceof LogRequestError) return `${error.reason}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
};

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

    test('who reads after the latest number gets only what is put from then on, in every shard', () => {
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

    test('two streams do not mix', () => {
      const log = opened();
      log.createStream('t', { shards: 1 });
      log.put('s', [entry('in s')], 0);
      log.put('t', [entry('in t')], 0);
      expect([texts(readAll(log, 's')), texts(readAll(log, 't'))]).toEqual([['in s'], ['in t']]);
    });

    test('a number that this log did not give out is refused', () => {
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

  describe(`${name}: resharding`, () => {
    test('a split closes the shard and divides its range in the middle', () => {
      const log = opened();
      expect(log.split('s', FIRST)).toEqual(['shardId-000000000001', 'shardId-000000000002']);
      const [parent, lower, upper] = log.shards('s');
      expect(parent?.endingSequenceNumber).toMatch(/^49\d{54}$/);
      expect([lower?.startingHashKey, lower?.endingHashKey]).toEqual(['0'.repeat(32), `7${'f'.repeat(31)}`]);
      expect([upper?.startingHashKey, upper?.endingHashKey]).toEqual([`8${'0'.repeat(31)}`, 'f'.repeat(32)]);
      expect([lower?.parentShardIds, upper?.parentShardIds]).toEqual([[FIRST], [FIRST]]);
    });

    test('a split begins the upper shard where it is told to', () => {
      const log = opened();
      log.split('s', FIRST, hashKeyFromDecimal('1'));
      expect(log.shards('s').map(({ startingHashKey }) => hashKeyToDecimal(startingHashKey))).toEqual(['0', '0', '1']);
    });

    test('a split outside of the range is refused', () => {
      const log = opened(2);
      const at = (decimal: string): string => refusal(() => log.split('s', FIRST, hashKeyFromDecimal(decimal)));
      expect(at('0')).toMatch(/^bad-hash-key/);
      expect(at((2n ** 127n).toString())).toMatch(/^bad-hash-key: shardId-000000000000 cannot be split at '80000/);
      expect(refusal(() => log.split('s', FIRST, 'F'))).toMatch(/^bad-hash-key/);
      expect(log.shards('s')).toHaveLength(2);
    });

    test('a merge closes both shards and joins their ranges, in either order', () => {
      for (const [one, other] of [
        [FIRST, 'shardId-000000000001'],
        ['shardId-000000000001', FIRST],
      ] as const) {
        const log = opened(2);
        expect(log.merge('s', one, other)).toBe('shardId-000000000002');
        const merged = log.shards('s').at(-1);
        expect([merged?.startingHashKey, merged?.endingHashKey]).toEqual(['0'.repeat(32), 'f'.repeat(32)]);
        expect(merged?.parentShardIds).toEqual([one, other]);
        expect(log.shards('s').map(({ endingSequenceNumber }) => endingSequenceNumber === undefined)).toEqual([
          false,
          false,
          true,
        ]);
      }
    });

    test('only shards whose ranges touch can be merged', () => {
      const log = opened(3);
      expect(refusal(() => log.merge('s', FIRST, 'shardId-000000000002'))).toMatch(/^shards-not-adjacent/);
      expect(refusal(() => log.merge('s', FIRST, FIRST))).toMatch(/^shards-not-adjacent/);
    });

    test('a closed shard is neither split nor merged', () => {
      const log = opened(2);
      log.split('s', FIRST);
      expect(refusal(() => log.split('s', FIRST))).toMatch(/^shard-closed/);
      expect(refusal(() => log.merge('s', FIRST, 'shardId-000000000001'))).toMatch(/^shard-closed/);
    });

    test('a key that moves to a child shard goes on with larger numbers; the parent keeps what it has', () => {
      const log = opened();
      const before = log.put('s', [entry('k', 'old')], 0);
      const [lower, upper] = log.split('s', FIRST);
      const after = log.put('s', [entry('k', 'new')], 0);
      const parent = log.shards('s')[0];
      expect(texts(log.read('s', FIRST, undefined, ALL))).toEqual(['old']);
      expect([lower, upper]).toContain(after[0]?.shardId);
      const child = log.shards('s').find(({ shardId }) => shardId === after[0]?.shardId);
      const order = [before[0]?.sequenceNumber, parent?.endingSequenceNumber, child?.startingSequenceNumber];
      order.push(after[0]?.sequenceNumber);
      expect([...order].sort()).toEqual(order);
    });

    test('after any resharding the open shards cover the space once, and each key keeps its order', () => {
      const step = fc.record({ kind: fc.constantFrom('split', 'merge', 'put'), at: fc.nat({ max: 20 }) });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
          const log = opened(2);
          let written = 0;
          for (const { kind, at } of steps) {
            const open = log
              .shards('s')
              .filter(({ endingSequenceNumber }) => endingSequenceNumber === undefined)
              .sort((a, b) => (a.startingHashKey < b.startingHashKey ? -1 : 1));
            const one = open[at % open.length];
            const next = open[(at % open.length) + 1];
            if (kind === 'split' && one) log.split('s', one.shardId);
            else if (kind === 'merge' && one && next) log.merge('s', one.shardId, next.shardId);
            else log.put('s', [entry(`k${String(at % 5)}`, String(written++))], 0);
          }
          const ranges = log
            .shards('s')
            .filter(({ endingSequenceNumber }) => endingSequenceNumber === undefined)
            .map(({ startingHashKey, endingHashKey }) => [BigInt(`0x${startingHashKey}`), BigInt(`0x${endingHashKey}`)])
            .sort(([a = 0n], [b = 0n]) => (a < b ? -1 : 1));
          expect([ranges[0]?.[0], ranges.at(-1)?.[1]]).toEqual([0n, 2n ** 128n - 1n]);
          expect(ranges.slice(1).every(([start], index) => start === (ranges[index]?.[1] ?? 0n) + 1n)).toBe(true);
          const byNumber = readAll(log, 's').sort((a, b) => (a.sequenceNumber < b.sequenceNumber ? -1 : 1));
          expect(texts(byNumber)).toEqual(Array.from({ length: written }, (_, index) => String(index)));
        }),
        { numRuns: 30 },
      );
    });
  });

  describe(`${name}: trim`, () => {
    test('forgets the records up to a number and no others; a second time it changes nothing', () => {
      const log = opened(2);
      const put = log.put(
        's',
        ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => entry(key)),
        0,
      );
      const inFirst = put.filter(({ shardId }) => shardId === FIRST);
      const others = log.count('s', 'shardId-000000000001', undefined);
      const through = inFirst[1]?.sequenceNumber ?? '';
      for (const trim of [() => log.trim('s', FIRST, through), () => log.trim('s', FIRST, through)]) {
        trim();
        expect(numbers(log.read('s', FIRST, undefined, ALL))).toEqual(
          inFirst.slice(2).map(({ sequenceNumber }) => sequenceNumber),
        );
      }
      expect(log.count('s', 'shardId-000000000001', undefined)).toBe(others);
    });

    test('a reader behind the trim goes on with the oldest record that is kept', () => {
      const log = opened();
      const put = log.put(
        's',
        ['a', 'b', 'c'].map((key) => entry(key)),
        0,
      );
      log.trim('s', FIRST, put[1]?.sequenceNumber ?? '');
      expect(texts(log.read('s', FIRST, put[0]?.sequenceNumber, ALL))).toEqual(['c']);
    });

    test('numbers go on growing after everything was trimmed', () => {
      const log = opened();
      const [old] = log.put('s', [entry('a')], 0);
      log.trim('s', FIRST, log.latestSequenceNumber('s'));
      const [fresh] = log.put('s', [entry('b')], 0);
      expect(log.count('s', FIRST, undefined)).toBe(1);
      expect((fresh?.sequenceNumber ?? '') > (old?.sequenceNumber ?? '')).toBe(true);
    });

    test('count, read and trim agree on any sequence of puts and trims', () => {
      const step = fc.record({ put: fc.nat({ max: 900 }), trim: fc.nat({ max: 1200 }) });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
          const log = opened();
          let kept: string[] = [];
          for (const { put, trim } of steps) {
            const results = log.put(
              's',
              Array.from({ length: put }, () => entry('k')),
              0,
            );
            kept.push(...results.map(({ sequenceNumber }) => sequenceNumber));
            const through = kept[Math.min(trim, kept.length) - 1];
            if (through !== undefined) log.trim('s', FIRST, through);
            kept = kept.slice(trim);
            const middle = kept[kept.length >> 1];
            expect(numbers(log.read('s', FIRST, undefined, ALL))).toEqual(kept);
            expect(log.count('s', FIRST, undefined)).toBe(kept.length);
            expect(log.count('s', FIRST, middle)).toBe(middle === undefined ? 0 : kept.length - (kept.length >> 1) - 1);
          }
        }),
        { numRuns: 25 },
      );
    });
  });
};
