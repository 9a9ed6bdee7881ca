import { expect, test } from '@jest/globals';
import { inTurn, MappingHarness, reports, START_MS, throttled, throwsOn } from '../../../support/mapping-harness.ts';
import type { Answer, HarnessOptions } from '../../../support/mapping-harness.ts';

const reported = async (answer: Answer, options: HarnessOptions): Promise<unknown[]> => {
  const harness = new MappingHarness(answer, options);
  harness.put('k:a', 'k:b', 'k:c', 'k:d');
  await harness.advance(5000);
  return harness.events.map(({ shardId, nowMs, ...happening }) => {
    expect([shardId, nowMs >= START_MS]).toEqual(['shardId-000000000000', true]);
    return happening;
  });
};

const delivered = (records: number): object => ({ kind: 'delivered', records, newestArrivalMs: START_MS });

test('a partial success tells what is done and what is tried again, when and why', async () => {
  const answer = inTurn(reports('k:c'), () => null);
  const reason = 'a record of the batch was reported';
  expect(await reported(answer, { reportBatchItemFailures: true })).toEqual([
    { kind: 'opened' },
    delivered(2),
    { kind: 'retried', records: 2, failures: 1, dueMs: START_MS + 1000, reason },
    delivered(2),
  ]);
});

test('a bisect tells how many were divided and how many come first', async () => {
  const answer = inTurn(throwsOn('k:c'), () => null);
  const reason = 'Error: cannot take k:c';
  expect(await reported(answer, { bisectBatchOnFunctionError: true, batchSize: 3 })).toEqual([
    { kind: 'opened' },
    { kind: 'bisected', records: 3, first: 2, reason },
    delivered(2),
    delivered(1),
    delivered(1),
  ]);
});

test('a cut at the reported record tells of the rest alone', async () => {
  const answer = inTurn(reports('k:b'), () => null);
  const options = { bisectBatchOnFunctionError: true, reportBatchItemFailures: true };
  expect(await reported(answer, options)).toEqual([
    { kind: 'opened' },
    delivered(1),
    { kind: 'bisected', records: 3, first: 3, reason: 'a record of the batch was reported' },
    delivered(3),
  ]);
});

test('throttling, discards and failing destinations are reported', async () => {
  const error = new Error('queue is away');
  let sends = 0;
  const send = (): void => {
    if (sends++ === 0) throw error;
  };
  const onFailure = { kind: 'sqs', send } as const;
  expect(await reported(inTurn(throttled, throwsOn('k:a')), { maximumRetryAttempts: 0, onFailure })).toEqual([
    { kind: 'opened' },
    { kind: 'throttled', records: 4, dueMs: START_MS + 1000 },
    { kind: 'destination-failed', records: 4, dueMs: START_MS + 2000, error },
    { kind: 'discarded', records: 4, condition: 'RetryAttemptsExhausted' },
  ]);
});

test('what an observer throws ends the poll', async () => {
  const observe = (): void => {
    throw new Error('statistics are away');
  };
  const harness = new MappingHarness(() => null, { observe });
  harness.put('k:a');
  await expect(harness.settle()).rejects.toThrow('statistics are away');
});
