import { KplAggregator } from '../../../../shared/codec/kpl-aggregator.ts';
import { MemoryLog } from '../../../../shared/runtime/local/log/memory-log.ts';
import { MappingHarness, START_MS } from '../../../support/mapping-harness.ts';
import type { HarnessOptions } from '../../../support/mapping-harness.ts';
import { ruleTable } from '../../../support/rule-table.ts';

const takesAll = (options: HarnessOptions = {}, shards = 1): MappingHarness =>
  new MappingHarness(() => undefined, options, new MemoryLog({ maxRecordBytes: 10 * 1024 * 1024 }), shards);

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `k:${String(index)}`);
const sizes = (harness: MappingHarness): number[] => harness.calls.map(({ texts: { length } }) => length);
const sinceStart = (harness: MappingHarness): number[] => harness.calls.map(({ atMs }) => atMs - START_MS);
const MEGABYTE = 1024 * 1024;

ruleTable('how a batch is closed', [
  {
    rule: 'a batch has 100 records at most if nothing else is said',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = takesAll();
      harness.put(...texts(250));
      await harness.settle();
      return sizes(harness);
    },
    expected: [100, 100, 50],
  },
  {
    rule: 'batchSize up to 10000 is honoured to the record',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = takesAll({ batchSize: 10_000 });
      harness.put(...texts(10_001));
      await harness.settle();
      return sizes(harness);
    },
    expected: [10_000, 1],
  },
  {
    rule: 'without a batching window a batch goes as soon as there is a record',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = takesAll();
      harness.put('k:1');
      await harness.settle();
      harness.put('k:2', 'k:3');
      await harness.settle();
      return [sizes(harness), sinceStart(harness), harness.mapping.nextDueMs()];
    },
    expected: [[1, 2], [0, 0], undefined],
  },
  {
    rule: 'a batch that is not full waits for its window, counted from its first record',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = takesAll({ maximumBatchingWindowSeconds: 5 });
      await harness.advance(1000);
      harness.put('k:1');
      await harness.advance(3000);
      harness.put('k:2');
      await harness.advance(1999);
      const early = sizes(harness);
      await harness.advance(1);
      return [early, sizes(harness), sinceStart(harness)];
    },
    expected: [[], [2], [6000]],
  },
  {
    rule: 'a full batch does not wait for its window',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = takesAll({ maximumBatchingWindowSeconds: 300, batchSize: 3 });
      for (const text of texts(7)) {
        harness.put(text);
        await harness.settle();
      }
      await harness.advance(300_000);
      return [sizes(harness), sinceStart(harness)];
    },
    expected: [
      [3, 3, 1],
      [0, 0, 300_000],
    ],
  },
  {
    rule: 'a batch is closed before the record that would take its payload over 6 MB',
    source: 'services-kinesis-parameters',
    scenario: async () => {
      const harness = takesAll({ maximumBatchingWindowSeconds: 300 });
      // 1.5 MB are 2 MB in base64, and the envelopes do not fit any more.
      const large = (): string => `k:${'x'.repeat(1.5 * MEGABYTE - 2)}`;
      harness.put(large(), large(), large(), large(), large());
      await harness.advance(0);
      return [sizes(harness), sinceStart(harness)];
    },
    expected: [
      [2, 2],
      [0, 0],
    ],
  },
  {
    rule: 'a record whose base64 alone passes 6 MB goes to the on-failure destination; the shard goes on',
    source: 'ours',
    scenario: async () => {
      const harness = takesAll();
      harness.put('k:before', `k:${'x'.repeat(4.6 * MEGABYTE)}`, 'k:after');
      await harness.settle();
      return [harness.texts, harness.documents[0]?.['requestContext'], harness.kinds('discarded').length];
    },
    expected: [
      [['k:before'], ['k:after']],
      {
        requestId: 'id',
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:function',
        condition: 'PayloadTooLarge',
        approximateInvokeCount: 0,
      },
      1,
    ],
  },
  {
    rule: 'a record that just fits is delivered',
    source: 'ours',
    scenario: async () => {
      const harness = takesAll();
      harness.put(`k:${'x'.repeat(4.49 * MEGABYTE)}`);
      await harness.settle();
      return [sizes(harness), harness.documents];
    },
    expected: [[1], []],
  },
  {
    rule: 'each batch comes from one shard',
    source: 'with-kinesis',
    scenario: async () => {
      const harness = takesAll({}, 3);
      harness.put(...Array.from({ length: 30 }, (_, index) => `k${String(index)}`));
      await harness.settle();
      const shards = new Set(harness.calls.map(({ shardId }) => shardId));
      return [shards.size, harness.calls.length, sizes(harness).reduce((sum, size) => sum + size, 0)];
    },
    expected: [3, 3, 30],
  },
  {
    rule: 'an aggregated (KPL) record arrives as one record: to take it apart is the function’s task',
    source: 'with-kinesis',
    scenario: async () => {
      const harness = takesAll();
      const aggregator = new KplAggregator({ partitionKey: 'k' });
      for (const text of texts(5)) aggregator.append(Buffer.from(text));
      harness.log.put('s', [{ partitionKey: 'k', data: aggregator.finish() }], START_MS);
      await harness.settle();
      return sizes(harness);
    },
    expected: [1],
  },
  {
    rule: 'a closed shard waits for no batching window, because nothing more can come',
    source: 'ours',
    scenario: async () => {
      const harness = takesAll({ maximumBatchingWindowSeconds: 300 });
      harness.put('k:1');
      harness.log.split('s', 'shardId-000000000000');
      await harness.settle();
      return [harness.texts, sinceStart(harness)];
    },
    expected: [[['k:1']], [0]],
  },
]);
