import { describe, expect, test } from '@jest/globals';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { newTally } from '../../../shared/engine/books.ts';
import { addBatchMetrics, logBatch } from '../../../shared/runtime/lambda/batch-report.ts';
import type { TakenBatch } from '../../../shared/runtime/lambda/take-batch.ts';
import { MAX_ITEM_BYTES } from '../../../shared/state/state-store.ts';
import { captured } from './captured-output.ts';

const batch = (largestItemBytes: number): TakenBatch => ({
  held: [],
  books: newTally(),
  conflicts: 0,
  watermarkMs: undefined,
  unprocessed: undefined,
  largestItemBytes,
  largestItemKey: 'US-AZ/USC00028815',
});

const reported = async (largestItemBytes: number): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const { lines } = await captured(() => {
    const metrics = new Metrics({ namespace: 'Test', serviceName: 'millrace-test-dev' });
    const logger = new Logger({ serviceName: 'millrace-test-dev', persistentKeys: { processor: 'test/sum' } });
    addBatchMetrics(metrics, batch(largestItemBytes), undefined, 0);
    logBatch(logger, batch(largestItemBytes));
    metrics.publishStoredMetrics();
    return Promise.resolve();
  });
  return lines;
};

describe('an item of more than 80 % of what a store takes', () => {
  test('is a metric, and a warning that names processor and key', async () => {
    const lines = await reported(0.85 * MAX_ITEM_BYTES);
    expect(lines).toContainEqual(expect.objectContaining({ LargestItemShare: 85 }));
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        event: 'item-nearly-full',
        processor: 'test/sum',
        key: 'US-AZ/USC00028815',
        bytes: 0.85 * MAX_ITEM_BYTES,
      }),
    );
  });

  test.each([0, 0.8 * MAX_ITEM_BYTES])('is not one of %p bytes', async (bytes) => {
    const lines = await reported(bytes);
    expect(lines.filter((line) => 'LargestItemShare' in line || line['event'] === 'item-nearly-full')).toEqual([]);
  });
});
