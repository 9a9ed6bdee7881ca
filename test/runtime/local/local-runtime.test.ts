import { describe, expect, test } from '@jest/globals';
import { processor } from '../../../shared/processor/processor.ts';
import { topology } from '../../../shared/processor/topology.ts';
import { testDriver } from '../../../shared/testing/test-driver.ts';
import { item, itemStream } from '../../support/engine-bench.ts';

const input = itemStream('in');

/** Holds its partition at 13, every time. */
const stubborn = processor({
  id: 'test/stubborn',
  from: input,
  to: {},
  key: ({ key }) => key,
  initial: () => 0,
  onFault: 'hold',
  step: ({ value, state }) => {
    if (value.n === 13) throw new Error('thirteen');
    return { state: state + value.n };
  },
});

describe('a record that is held every time', () => {
  test('is given up after the retries of the mapping, kept as a dead letter, and the partition goes on', async () => {
    const driver = testDriver(topology('test', [stubborn]), { mapping: { maximumRetryAttempts: 3 } });
    await driver.stream(input).pipe(item('A', 'x', 1), item('A', 'x', 13), item('A', 'x', 2), item('B', 'y', 5));
    expect(await driver.state(stubborn, 'x')).toBe(3);
    expect(await driver.state(stubborn, 'y')).toBe(5);
    expect(driver.deadLetters()).toEqual([
      expect.objectContaining({
        reason: 'given-up',
        processor: 'test/stubborn',
        partitionKey: 'A',
        payload: Buffer.from(JSON.stringify(item('A', 'x', 13))).toString('base64'),
        error: expect.stringMatching(/^given up after \d+ attempts: RetryAttemptsExhausted, /),
      }),
    ]);
  });
});
