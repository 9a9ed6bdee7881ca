import { expect, test } from '@jest/globals';
import { hashKeyOf } from '../../../../shared/stream/hash-key.ts';
import { inTurn, MappingHarness, START_MS, throwsOn } from '../../../support/mapping-harness.ts';
import type { HarnessOptions } from '../../../support/mapping-harness.ts';
import { ruleTable } from '../../../support/rule-table.ts';

const FIRST = 'shardId-000000000000';
const takesAll = (options: HarnessOptions = {}, shards = 1): MappingHarness =>
  new MappingHarness(() => null, options, undefined, shards);

/** A stream with a record before the mapping is made. */
const startedLate = (options: HarnessOptions): MappingHarness => {
  const { log } = takesAll();
  log.put('s', [{ partitionKey: 'k', data: Buffer.from('k:before') }], START_MS - 5000);
  return new MappingHarness(() => null, options, log);
};

ruleTable('starting positions', [
  {
    rule: 'TRIM_HORIZON begins with the oldest record',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = startedLate({ startingPosition: 'TRIM_HORIZON' });
      harness.put('k:after');
      await harness.settle();
      return harness.texts;
    },
    expected: [['k:before', 'k:after']],
  },
  {
    rule: 'LATEST begins with what is put after the mapping was made',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = startedLate({ startingPosition: 'LATEST' });
      harness.put('k:after');
      await harness.settle();
      return harness.texts;
    },
    expected: [['k:after']],
  },
  {
    rule: 'with LATEST what is put while the mapping is being created is lost',
    source: 'with-kinesis',
    scenario: async () => {
      const harness = startedLate({ startingPosition: 'LATEST', activationDelayMs: 60_000 });
      await harness.settle();
      const dueMs = (harness.mapping.nextDueMs() ?? 0) - START_MS;
      harness.nowMs += 59_999;
      harness.put('k:in the gap');
      await harness.settle();
      harness.nowMs += 1;
      await harness.settle();
      harness.put('k:after');
      await harness.settle();
      return [dueMs, harness.texts];
    },
    expected: [60_000, [['k:after']]],
  },
  {
    rule: 'with TRIM_HORIZON nothing is lost in that time',
    source: 'with-kinesis',
    scenario: async () => {
      const harness = startedLate({ startingPosition: 'TRIM_HORIZON', activationDelayMs: 60_000 });
      harness.put('k:in the gap');
      await harness.advance(60_000);
      return harness.texts;
    },
    expected: [['k:before', 'k:in the gap']],
  },
  {
    rule: 'AT_TIMESTAMP begins with the first record that arrived then or later, whatever follows it',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = takesAll({ startingPosition: 'AT_TIMESTAMP', startingPositionTimestampMs: START_MS });
      for (const sinceMs of [-2, -1, 0, -1, 1]) {
        const data = Buffer.from(`k:${String(sinceMs)}`);
        harness.log.put('s', [{ partitionKey: 'k', data }], START_MS + sinceMs);
      }
      await harness.settle();
      return harness.texts;
    },
    expected: [['k:0', 'k:-1', 'k:1']],
  },
  {
    rule: 'AT_TIMESTAMP stays found when the first batch fails, and when the process is another one',
    source: 'ours',
    scenario: async () => {
      const answer = inTurn(throwsOn('k:0'), () => null);
      const options = { startingPosition: 'AT_TIMESTAMP', startingPositionTimestampMs: START_MS } as const;
      const harness = new MappingHarness(answer, options);
      for (const sinceMs of [-2, 0, -1]) {
        const data = Buffer.from(`k:${String(sinceMs)}`);
        harness.log.put('s', [{ partitionKey: 'k', data }], START_MS + sinceMs);
      }
      await harness.settle();
      harness.restart();
      await harness.advance(10_000);
      return harness.texts;
    },
    expected: [
      ['k:0', 'k:-1'],
      ['k:0', 'k:-1'],
    ],
  },
  {
    rule: 'AT_TIMESTAMP goes on searching as long as only earlier records come',
    source: 'ours',
    scenario: async () => {
      const harness = takesAll({ startingPosition: 'AT_TIMESTAMP', startingPositionTimestampMs: START_MS });
      for (const sinceMs of [-2, -1, 0]) {
        const data = Buffer.from(`k:${String(sinceMs)}`);
        harness.log.put('s', [{ partitionKey: 'k', data }], START_MS + sinceMs);
        await harness.settle();
      }
      return [harness.texts, harness.mapping.lag()];
    },
    expected: [[['k:0']], 0],
  },
  {
    rule: 'a starting timestamp in the future is refused',
    source: 'API_CreateEventSourceMapping',
    scenario: async () => {
      const harness = takesAll({ startingPosition: 'AT_TIMESTAMP', startingPositionTimestampMs: START_MS + 1 });
      return harness.mapping.poll(START_MS).catch(String);
    },
    expected: `RangeError: startingPositionTimestampMs must not be in the future, got ${String(START_MS + 1)} at ${String(START_MS)}`,
  },
]);

ruleTable('resharding', [
  {
    rule: 'a child is begun when its parent is drained, so that a key which moved stays in order',
    source: 'ours',
    scenario: async () => {
      const harness = new MappingHarness(
        inTurn(throwsOn('k:1'), throwsOn('k:1'), () => null),
        { batchSize: 1 },
      );
      harness.put('k:1', 'k:2');
      harness.log.split('s', FIRST);
      harness.put('k:3');
      await harness.advance(100_000);
      return [
        harness.texts.flat(),
        harness.kinds('opened', 'drained').map(({ kind, shardId }) => [kind, shardId.at(-1)]),
      ];
    },
    expected: [
      ['k:1', 'k:1', 'k:1', 'k:2', 'k:3'],
      [
        ['opened', '0'],
        ['drained', '0'],
        ['opened', '1'],
        ['opened', '2'],
      ],
    ],
  },
  {
    rule: 'a merged shard waits for both parents',
    source: 'ours',
    scenario: async () => {
      const harness = new MappingHarness(
        inTurn(throwsOn('a', 'b'), () => null),
        {},
        undefined,
        2,
      );
      const [lower, upper] = Array.from('abcdefgh')
        .sort((a, b) => (hashKeyOf(a) < hashKeyOf(b) ? -1 : 1))
        .filter((_, at) => at % 7 === 0);
      harness.put(lower ?? '', upper ?? '');
      harness.log.merge('s', FIRST, 'shardId-000000000001');
      harness.put(`${lower ?? ''}:2`, `${upper ?? ''}:2`);
      await harness.advance(100_000);
      const order = harness.calls.map(({ shardId }) => shardId.at(-1));
      return [order.at(-1), order.filter((shard) => shard === '2').length];
    },
    expected: ['2', 1],
  },
  {
    rule: 'with LATEST the children of a later split are read whole',
    source: 'ours',
    scenario: async () => {
      const harness = startedLate({ startingPosition: 'LATEST' });
      harness.log.split('s', FIRST);
      harness.put('k:after');
      await harness.settle();
      return harness.texts;
    },
    expected: [['k:after']],
  },
]);

const PARALLEL = { parallelizationFactor: 10, batchSize: 2 } as const;

ruleTable('parallelisation', [
  {
    rule: 'a shard has as many batches at a time as the factor says, and no more',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      let running = 0;
      let most = 0;
      const harness = new MappingHarness(async () => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
      }, PARALLEL);
      harness.put(...Array.from({ length: 200 }, (_, index) => `k${String(index)}`));
      await harness.settle();
      return most;
    },
    expected: 10,
  },
  {
    rule: 'the records of a partition key come in order, in one batch after the other',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = takesAll(PARALLEL);
      for (let round = 0; round < 5; round += 1)
        harness.put(...Array.from('abcdef', (key) => `${key}:${String(round)}`));
      await harness.settle();
      const ofKey = (key: string): string =>
        harness.texts
          .flat()
          .filter((text) => text.startsWith(key))
          .map((text) => text.slice(2))
          .join('');
      return Array.from('abcdef', ofKey);
    },
    expected: ['01234', '01234', '01234', '01234', '01234', '01234'],
  },
  {
    rule: 'a batch that fails holds the keys of its unit and no others',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = new MappingHarness(throwsOn('bad'), PARALLEL);
      const others = Array.from({ length: 100 }, (_, index) => `k${String(index)}`);
      harness.put('bad', ...others);
      await harness.settle();
      const delivered = new Set(harness.texts.filter((texts) => !texts.includes('bad')).flat());
      return delivered.size > 80 && delivered.size < 100;
    },
    expected: true,
  },
  {
    rule: 'with a factor of 1 a batch that fails holds its whole shard, and no other shard',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = new MappingHarness(throwsOn('bad'), { batchSize: 1 }, undefined, 2);
      const others = Array.from({ length: 40 }, (_, index) => `k${String(index)}`);
      harness.put('bad', ...others);
      const [bad] = harness.log.shards('s').filter(({ endingHashKey, startingHashKey }) => {
        const place = hashKeyOf('bad');
        return startingHashKey <= place && place <= endingHashKey;
      });
      await harness.settle();
      const delivered = harness.calls.filter(({ texts }) => !texts.includes('bad'));
      return [delivered.length > 10, delivered.some(({ shardId }) => shardId === bad?.shardId)];
    },
    expected: [true, false],
  },
  {
    rule: 'maximumConcurrency bounds the invocations over all shards',
    source: 'ours',
    scenario: async () => {
      let running = 0;
      let most = 0;
      const harness = new MappingHarness(
        async () => {
          most = Math.max(most, ++running);
          await new Promise(setImmediate);
          running -= 1;
        },
        { ...PARALLEL, maximumConcurrency: 3 },
        undefined,
        4,
      );
      harness.put(...Array.from({ length: 200 }, (_, index) => `k${String(index)}`));
      await harness.settle();
      return [most, harness.texts.flat().length];
    },
    expected: [3, 200],
  },
]);

test('a poll that overlaps another leaves units at work alone', async () => {
  let release = (): void => undefined;
  const harness = new MappingHarness(() => new Promise<void>((resolve) => (release = resolve)), { batchSize: 1 });
  harness.put('k:1', 'k:2');
  const first = harness.mapping.poll(START_MS);
  expect([await harness.mapping.poll(START_MS), harness.mapping.nextDueMs()]).toEqual([false, undefined]);
  release();
  expect([await first, harness.texts]).toEqual([true, [['k:1']]]);
});
