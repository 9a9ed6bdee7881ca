import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogOptions, PartitionedLog } from '../../shared/runtime/local/log/partitioned-log.ts';
import { hashKeyFromDecimal, hashKeyToDecimal } from '../../shared/stream/hash-key.ts';
import { ALL, entry, FIRST, numbers, readAll, refusal, texts } from './log-records.ts';

/** How every partitioned log is resharded and trimmed. `open` gives a new, empty one. */
export const reshardingContract = (name: string, open: (options?: LogOptions) => PartitionedLog): void => {
  const opened = (shards = 1): PartitionedLog => {
    const log = open();
    log.createStream('s', { shards });
    return log;
  };

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

    test('a split begins the upper shard at the hash key it is given', () => {
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

    test('expire forgets what arrived before a time, up to the first record that did not', () => {
      const log = opened(2);
      const put = (text: string, arrivalMs: number): unknown =>
        log.put('s', [{ ...entry('k', text), explicitHashKey: '0' }], arrivalMs);
      for (const [text, arrivalMs] of [
        ['a', 10],
        ['b', 20],
        ['c', 10],
      ] as const) {
        put(text, arrivalMs);
      }
      log.put('s', [{ ...entry('other'), explicitHashKey: (2n ** 127n).toString() }], 0);
      log.expire('s', FIRST, 10);
      expect(texts(log.read('s', FIRST, undefined, ALL))).toEqual(['a', 'b', 'c']);
      log.expire('s', FIRST, 15);
      expect(texts(log.read('s', FIRST, undefined, ALL))).toEqual(['b', 'c']);
      log.expire('s', FIRST, Infinity);
      expect(log.count('s', FIRST, undefined)).toBe(0);
      expect(log.count('s', 'shardId-000000000001', undefined)).toBe(1);
      put('d', 5);
      expect(texts(log.read('s', FIRST, undefined, ALL))).toEqual(['d']);
      expect(refusal(() => log.expire('s', 'x', 0))).toMatch(/^unknown-shard/);
    });

    test('a reader before the trim goes on with the oldest record that is kept', () => {
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
