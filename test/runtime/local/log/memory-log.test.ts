import { expect, test } from '@jest/globals';
import { MemoryLog } from '../../../../shared/runtime/local/log/memory-log.ts';
import { partitionedLogContract } from '../../../support/partitioned-log-contract.ts';
import { reshardingContract } from '../../../support/resharding-contract.ts';

partitionedLogContract('memory log', (options) => new MemoryLog(options));
reshardingContract('memory log', (options) => new MemoryLog(options));

test('memory log: more partition keys than are remembered still find their shards', () => {
  const log = new MemoryLog();
  log.createStream('s', { shards: 2 });
  const entries = Array.from({ length: 70_000 }, (_, index) => ({
    partitionKey: String(index),
    data: new Uint8Array(),
  }));
  const first = log.put('s', entries, 0).map(({ shardId }) => shardId);
  expect(log.put('s', entries, 0).map(({ shardId }) => shardId)).toEqual(first);
});
