import { expect, test } from '@jest/globals';
import { EventSourceMapping } from '../../shared/index.ts';
import { MemoryLog } from '../../shared/runtime/local/log/memory-log.ts';

test('the simulator is driven as its page shows', async () => {
  const nowMs = 0;
  // begin
  const log = new MemoryLog();
  log.createStream('orders', { shards: 2 });

  const mapping = new EventSourceMapping({
    log,
    stream: 'orders',
    invoke: () => Promise.resolve({ batchItemFailures: [] }), // given { shardId, records, … }
    options: { startingPosition: 'TRIM_HORIZON', batchSize: 500, reportBatchItemFailures: true },
  });

  while (await mapping.poll(nowMs)); // does what is due now; true: something changed, poll again
  mapping.nextDueMs(); // when more is due although nothing is put: a window's end, a retry
  mapping.trimHorizon(); // what the log may forget
  JSON.stringify(mapping.snapshot()); // where it stands; give it back as `resumeFrom`
  // end
  expect(mapping.nextDueMs()).toBeUndefined();
});
