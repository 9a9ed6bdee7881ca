import { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { putInOrder, type EntryOutcome } from '../../shared/sink/put-in-order.ts';
import type { StreamEntry } from '../../shared/sink/put-records.ts';
import type { SinkError } from '../../shared/aws/errors.ts';
import { clientOptions } from '../support/faulty-aws/client-options.ts';
import { FaultyKinesis, type KinesisFault } from '../support/faulty-aws/faulty-kinesis.ts';
import { retryClock } from '../support/faulty-aws/retry-clock.ts';
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
  readonly outcomes: readonly EntryOutcome[];
  readonly kinesis: FaultyKinesis;
  readonly reports: readonly SinkError[];
  readonly pausesMs: readonly number[];
}> => {
  const kinesis = new FaultyKinesis(faults, options.afterwards);
  service.react = (request) => kinesis.react(request);
  const clock = retryClock(options.untilMs ?? 60_000);
  const reports: SinkError[] = [];
  const report = (error: SinkError): void => {
    reports.push(error);
  };
  const { attemptMs = 10_000 } = options;
  const outcomes = await putInOrder({ ...clock, attemptMs, client, streamName: 'orders-1', report }, entries);
  return { outcomes, kinesis, reports, pausesMs: clock.pausesMs };
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
  test('a key keeps its order without gaps, and what is reported as written is there', async () => {
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
          const { outcomes, kinesis, reports } = await run(faults, entries, { afterwards, untilMs: 15_000 });
          for (const key of new Set(keys)) {
            const given = keys.flatMap((one, index) => (one === key ? [index] : []));
            const kept = withoutRepeats(kinesis.of('orders-1', key).map(Number));
            expect(kept).toEqual(given.slice(0, kept.length));
            const said = given.filter((index) => outcomes[index] === 'written');
            expect(said).toEqual(given.slice(0, said.length));
            expect(said.length).toBeLessThanOrEqual(kept.length);
          }
          expect(reports.length).toBe(outcomes.every((outcome) => outcome === 'written') ? 0 : 1);
          if (!isDown) expect(outcomes).toEqual(keys.map(() => 'written'));
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
  const { kinesis, outcomes } = await run(
    [],
    Array.from({ length: 1_100 }, (_, index) => entry(String(index), 'x')),
  );
  expect(kinesis.calls.map(({ keys }) => keys.length).sort()).toEqual([100, 500, 500]);
  expect(new Set(outcomes)).toEqual(new Set(['written']));
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

test('what is throttled until the deadline is refused, and the report says why and where', async () => {
  const throttled: KinesisFault = { kind: 'refused', error: 'ProvisionedThroughputExceededException', status: 400 };
  const { outcomes, reports, pausesMs } = await run([], [entry('a', '0'), entry('b', '1')], { afterwards: throttled });
  expect(outcomes).toEqual(['refused', 'refused']);
  expect(reports.map(({ kind, target }) => [kind, target])).toEqual([['given-up', "Kinesis stream 'orders-1'"]]);
  expect(reports[0]?.message).toMatch(/before the deadline: ProvisionedThroughputExceededException/);
  expect(pausesMs.slice(0, 5)).toEqual([50, 100, 200, 400, 800]);
  expect(Math.max(...pausesMs)).toBe(2_500);
});

test('pauses are random, so that those who fail together do not try again together', async () => {
  const kinesis = new FaultyKinesis([], { kind: 'hang-up' });
  service.react = (request) => kinesis.react(request);
  const pauses = async (): Promise<readonly number[]> => {
    const clock = retryClock(3_000);
    await putInOrder({ ...clock, random: Math.random, client, streamName: 'orders-1' }, [entry('a', '0')]);
    return clock.pausesMs;
  };
  expect(await pauses()).not.toEqual(await pauses());
});

test('a key that always fails keeps no other back', async () => {
  const entries = [entry('hot', '0'), ...Array.from({ length: 5 }, (_, index) => entry('cold', String(index)))];
  const { outcomes, kinesis } = await run([], entries, {
    afterwards: { kind: 'partly', failing: 1, code: 'ProvisionedThroughputExceededException' },
  });
  expect(outcomes).toEqual(['refused', ...Array.from({ length: 5 }, () => 'written')]);
  expect(kinesis.of('orders-1', 'cold')).toEqual(['0', '1', '2', '3', '4']);
});

test('a call that hangs is aborted and made again', async () => {
  const { outcomes, kinesis } = await run([{ kind: 'silence' }], [entry('a', '0')], { attemptMs: 100 });
  expect([outcomes, kinesis.calls.length]).toEqual([['written'], 2]);
});

test.each(['ResourceNotFoundException', 'AccessDeniedException', 'KMSAccessDeniedException'])(
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
  const outcomes = await putInOrder({ ...retryClock(0), client, streamName: 'orders-1' }, [entry('a', '0')]);
  expect([outcomes, kinesis.calls]).toEqual([['refused'], []]);
});

describe('an entry that Kinesis calls invalid', () => {
  /** Refuses each call that carries the text, whole, as Kinesis does; see its partition key in the calls. */
  const refusing = async (
    keys: readonly string[],
    bad: ReadonlySet<string>,
    message = "Value at 'records.1.member.partitionKey' failed to satisfy constraint",
  ): Promise<{ readonly outcomes: readonly EntryOutcome[]; readonly kinesis: FaultyKinesis }> => {
    const kinesis = new FaultyKinesis([]);
    service.react = (request) => {
      const isBad = [...bad].some((key) => request.body.includes(`"PartitionKey":"${key}"`));
      if (!isBad) return kinesis.react(request);
      return {
        kind: 'answer',
        status: 400,
        contentType: 'application/x-amz-json-1.1',
        body: JSON.stringify({ __type: 'ValidationException', message }),
      };
    };
    const entries = keys.map((key, index) => entry(key, String(index)));
    return { outcomes: await putInOrder({ ...retryClock(10_000), client, streamName: 'orders-1' }, entries), kinesis };
  };

  test('has failed, alone of its call, and what follows it under its key is not put', async () => {
    const keys = ['a', 'b', 'bad', 'c', 'bad', 'a'];
    const { outcomes, kinesis } = await refusing(keys, new Set(['bad']));
    expect(outcomes).toEqual([
      'written',
      'written',
      { failed: expect.stringMatching(/Kinesis stream 'orders-1' refuses a record: ValidationException/u) },
      'written',
      'refused',
      'written',
    ]);
    expect(kinesis.of('orders-1', 'a')).toEqual(['0', '5']);
  });

  test('is found among many, however many they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.uniqueArray(fc.nat(39), { maxLength: 5 }),
        async (count, bad) => {
          const keys = Array.from({ length: count }, (_, index) => `k${String(index)}-`);
          const { outcomes } = await refusing(keys, new Set(bad.map((index) => `k${String(index)}-`)));
          expect(outcomes.map((outcome) => typeof outcome === 'object')).toEqual(
            keys.map((_, index) => bad.includes(index)),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  test('is not to blame where the request names the stream: that rejects', async () => {
    const message = "Value 'orders 1' at 'streamName' failed to satisfy constraint";
    await expect(refusing(['a', 'b'], new Set(['a', 'b']), message)).rejects.toThrow(/'orders-1' refuses.*streamName/u);
  });

  test('has failed too where the answer says so of it alone', async () => {
    const { outcomes } = await run(
      [{ kind: 'partly', failing: 0b10, code: 'InvalidArgumentException' }],
      [entry('a', '0'), entry('b', '1')],
    );
    expect(outcomes).toEqual(['written', { failed: expect.stringContaining('InvalidArgumentException') }]);
  });
});
