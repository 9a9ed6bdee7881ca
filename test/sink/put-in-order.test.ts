import { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { putInOrder } from '../../shared/sink/put-in-order.ts';
import type { StreamEntry } from '../../shared/sink/put-records.ts';
import type { SinkError } from '../../shared/sink/sink-error.ts';
import { clientOptions } from '../support/faulty-aws/client-options.ts';
import { FaultyKinesis, type KinesisFault } from '../support/faulty-aws/faulty-kinesis.ts';
import { patientClock } from '../support/faulty-aws/faulty-patience.ts';
import { faultyService, type FaultyService } from '../support/faulty-aws/faulty-service.ts';

let service: FaultyService;
let client: KinesisClient;
beforeAll(async () => {
  service = await faultyService();
  client = new KinesisClient(clientOptions(service.endpoint));
});
afterAll(async () => {
  client.destroy();
  await service.close();
});

const entry = (partitionKey: string, text: string): StreamEntry => ({ partitionKey, data: Buffer.from(text) });

const run = async (
  faults: readonly KinesisFault[],
  entries: readonly StreamEntry[],
  options: { readonly afterwards?: KinesisFault; readonly attemptMs?: number; readonly untilMs?: number } = {},
): Promise<{
  readonly written: readonly boolean[];
  readonly kinesis: FaultyKinesis;
  readonly reports: readonly SinkError[];
  readonly pausesMs: readonly number[];
}> => {
  const kinesis = new FaultyKinesis(faults, options.afterwards);
  service.react = (request) => kinesis.react(request);
  const clock = patientClock(options.untilMs ?? 60_000);
  const reports: SinkError[] = [];
  const report = (error: SinkError): void => {
    reports.push(error);
  };
  const { attemptMs = 10_000 } = options;
  const written = await putInOrder({ ...clock, attemptMs, client, streamName: 'orders-1', report }, entries);
  return { written, kinesis, reports, pausesMs: clock.pausesMs };
};

/** What a reader with a ledger keeps: what is beyond the newest it has seen. */
const withoutRepeats = (numbers: readonly number[]): readonly number[] =>
  numbers.filter((one, index) => numbers.slice(0, index).every((earlier) => earlier < one));

const failing = fc.nat(2 ** 30 - 1);
const fault: fc.Arbitrary<KinesisFault> = fc.oneof(
  fc.constantFrom<KinesisFault>(
    { kind: 'none' },
    { kind: 'hang-up' },
    { kind: 'lost-answer' },
    { kind: 'refused', error: 'ProvisionedThroughputExceededException', status: 400 },
    { kind: 'refused', error: 'InternalFailure', status: 500 },
    { kind: 'refused', error: 'KMSThrottlingException', status: 400 },
  ),
  fc.record({
    kind: fc.constant('partly' as const),
    failing,
    code: fc.constantFrom('ProvisionedThroughputExceededException', 'InternalFailure'),
  }),
  fc.record({ kind: fc.constantFrom('uncounted' as const, 'unnamed' as const, 'missing' as const), failing }),
);

const keysOfEntries = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 25 });

describe('whatever fails', () => {
  test('a key stands in its order and without gaps, and what is said to be written is there', async () => {
    await fc.assert(
      fc.asyncProperty(
        keysOfEntries,
        fc.array(fault, { maxLength: 12 }),
        fc.boolean(),
        async (keys, faults, isDown) => {
          const entries = keys.map((key, index) => entry(key, String(index)));
          const afterwards: KinesisFault = isDown
            ? { kind: 'partly', failing: 0b10101, code: 'ProvisionedThroughputExceededException' }
            : { kind: 'none' };
          const { written, kinesis, reports } = await run(faults, entries, { afterwards, untilMs: 15_000 });
          for (const key of new Set(keys)) {
            const given = keys.flatMap((one, index) => (one === key ? [index] : []));
            const stands = withoutRepeats(kinesis.of('orders-1', key).map(Number));
            expect(stands).toEqual(given.slice(0, stands.length));
            const said = given.filter((index) => written[index] === true);
            expect(said).toEqual(given.slice(0, said.length));
            expect(said.length).toBeLessThanOrEqual(stands.length);
          }
          expect(reports.length).toBe(written.every(Boolean) ? 0 : 1);
          if (!isDown) expect(written).toEqual(keys.map(() => true));
        },
      ),
      { numRuns: 150 },
    );
  });
});

test('the next entry of a key is put when the one before it is written, and keys go together', async () => {
  const entries = ['a', 'b', 'a', 'c', 'a'].map((key, index) => entry(key, String(index)));
  const { kinesis, pausesMs } = await run([], entries);
  expect(kinesis.calls.map(({ keys }) => keys)).toEqual([['a', 'b', 'c'], ['a'], ['a']]);
  expect(pausesMs).toEqual([]);
});

test('a call carries at most 500 entries', async () => {
  const { kinesis, written } = await run(
    [],
    Array.from({ length: 1_100 }, (_, index) => entry(String(index), 'x')),
  );
  expect(kinesis.calls.map(({ keys }) => keys.length).sort()).toEqual([100, 500, 500]);
  expect(written.every(Boolean)).toBe(true);
});

test('a call carries at most 5 MiB of data and keys', async () => {
  const { kinesis } = await run(
    [],
    Array.from({ length: 12 }, (_, index) => entry(`key-${String(index)}`, 'x'.repeat(1_000_000))),
  );
  const bytes = kinesis.calls.map((call) => call.bytes);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(5 * 1024 * 1024);
  expect(bytes.length).toBe(3);
});

test('what is throttled until the deadline is false, and the report says why and where', async () => {
  const throttled: KinesisFault = { kind: 'refused', error: 'ProvisionedThroughputExceededException', status: 400 };
  const { written, reports, pausesMs } = await run([], [entry('a', '0'), entry('b', '1')], { afterwards: throttled });
  expect(written).toEqual([false, false]);
  expect(reports.map(({ kind, target }) => [kind, target])).toEqual([['given-up', "Kinesis stream 'orders-1'"]]);
  expect(reports[0]?.message).toMatch(/until the deadline: ProvisionedThroughputExceededException/);
  expect(pausesMs.slice(0, 5)).toEqual([50, 100, 200, 400, 800]);
  expect(Math.max(...pausesMs)).toBe(2_500);
});

test('pauses are random, so that those who fail together do not try again together', async () => {
  const kinesis = new FaultyKinesis([], { kind: 'hang-up' });
  service.react = (request) => kinesis.react(request);
  const pauses = async (): Promise<readonly number[]> => {
    const clock = patientClock(3_000);
    await putInOrder({ ...clock, random: Math.random, client, streamName: 'orders-1' }, [entry('a', '0')]);
    return clock.pausesMs;
  };
  expect(await pauses()).not.toEqual(await pauses());
});

test('a key that always fails does not keep the others back', async () => {
  const entries = [entry('hot', '0'), ...Array.from({ length: 5 }, (_, index) => entry('cold', String(index)))];
  const { written, kinesis } = await run([], entries, {
    afterwards: { kind: 'partly', failing: 1, code: 'ProvisionedThroughputExceededException' },
  });
  expect(written).toEqual([false, true, true, true, true, true]);
  expect(kinesis.of('orders-1', 'cold')).toEqual(['0', '1', '2', '3', '4']);
});

test('a call that hangs is given up and made again', async () => {
  const { written, kinesis } = await run([{ kind: 'silence' }], [entry('a', '0')], { attemptMs: 100 });
  expect([written, kinesis.calls.length]).toEqual([[true], 2]);
});

test.each(['ResourceNotFoundException', 'AccessDeniedException', 'ValidationException', 'KMSAccessDeniedException'])(
  '%s is not tried again: it rejects and names the stream',
  async (error) => {
    const refused: KinesisFault = { kind: 'refused', error, status: 400 };
    await expect(run([refused], [entry('a', '0')])).rejects.toThrow(
      new RegExp(`Kinesis stream 'orders-1' refuses.*${error}.*deploy again`),
    );
  },
);

test('without any time left nothing is put', async () => {
  const kinesis = new FaultyKinesis([]);
  service.react = (request) => kinesis.react(request);
  const written = await putInOrder({ ...patientClock(0), client, streamName: 'orders-1' }, [entry('a', '0')]);
  expect([written, kinesis.calls]).toEqual([[false], []]);
});
