import { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeliveryOutcome, StreamDelivery } from '../../shared/engine/ports.ts';
import { kinesisOutput } from '../../shared/sink/kinesis-output.ts';
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

const run = async (
  deliveries: readonly StreamDelivery[],
  faults: readonly KinesisFault[],
  afterwards?: KinesisFault,
): Promise<{
  readonly outcomes: readonly DeliveryOutcome[];
  readonly kinesis: FaultyKinesis;
  readonly reports: readonly SinkError[];
}> => {
  const kinesis = new FaultyKinesis(faults, afterwards);
  service.react = (request) => kinesis.react(request);
  const reports: SinkError[] = [];
  const report = (error: SinkError): void => {
    reports.push(error);
  };
  const streams = { orders: 'shop-orders-1', totals: 'shop-totals-1' };
  const outcomes = await kinesisOutput({ ...retryClock(10_000), client, streams, report })(deliveries);
  return { outcomes, kinesis, reports };
};

const MIB = 1024 * 1024;

const records = (payloads: readonly string[], stream = 'orders', partitionKey = 'tea'): StreamDelivery => ({
  kind: 'stream',
  stream,
  partitionKey,
  payloads,
});

/** Outcomes without the reasons. */
const kinds = (outcomes: readonly DeliveryOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (typeof outcome === 'object' ? 'failed' : outcome));

test('deliveries of one partition key travel in common records, one after the other', async () => {
  const deliveries = Array.from({ length: 50 }, (_, index) => records([`${String(index)}a`, `${String(index)}b`]));
  const { outcomes, kinesis } = await run(deliveries, []);
  expect(outcomes).toEqual(deliveries.map(() => 'delivered'));
  expect(kinesis.calls.map(({ keys }) => keys)).toEqual([['tea']]);
  expect(kinesis.of('shop-orders-1', 'tea')).toEqual(deliveries.flatMap(({ payloads }) => payloads));
});

test('of deliveries that share records, those are delivered whose records all are', async () => {
  const large = 'x'.repeat(0.7 * MIB);
  // Records: [1, 1, large], [large, 4]; the second is never taken.
  const down: KinesisFault = { kind: 'refused', error: 'ProvisionedThroughputExceededException', status: 400 };
  const { outcomes } = await run(
    [records(['1', '1']), records([large, large]), records([]), records(['4'])],
    [{ kind: 'none' }],
    down,
  );
  expect(outcomes).toEqual(['delivered', 'refused', 'delivered', 'refused']);
});

test('a stream in trouble keeps no other back', async () => {
  const kinesis = new FaultyKinesis([]);
  service.react = (request) => (request.body.includes('shop-orders-1') ? { kind: 'hang-up' } : kinesis.react(request));
  const streams = { orders: 'shop-orders-1', totals: 'shop-totals-1' };
  const deliver = kinesisOutput({ ...retryClock(10_000), client, streams });
  expect(await deliver([records(['1']), records(['1'], 'totals')])).toEqual(['refused', 'delivered']);
  expect(kinesis.of('shop-totals-1', 'tea')).toEqual(['1']);
});

test('a stream without a physical name is refused before anything is put', async () => {
  const kinesis = new FaultyKinesis([]);
  service.react = (request) => kinesis.react(request);
  const deliver = kinesisOutput({ ...retryClock(10_000), client, streams: { orders: 'shop-orders-1' } });
  await expect(deliver([records(['1']), records(['1'], 'alerts')])).rejects.toThrow(
    /'alerts' has no name here; known are: orders/,
  );
  expect(kinesis.calls).toEqual([]);
});

describe('a delivery that can never be written', () => {
  test.each([
    [
      'has a record above 1 MiB',
      records(['x'.repeat(MIB)]),
      /at most 1048576 bytes with its partition key, got 1048579/u,
    ],
    ['has no partition key', records(['1'], 'orders', ''), /1 to 256 characters, got 0/u],
    ['has a partition key above 256 characters', records(['1'], 'orders', 'k'.repeat(257)), /got 257/u],
  ])('%s: it has failed, with the value and the limit, and is not put', async (_why, delivery, reason) => {
    const { outcomes, kinesis } = await run([delivery, records(['2'], 'orders', 'coffee')], []);
    expect(outcomes).toEqual([{ failed: expect.stringMatching(reason) }, 'delivered']);
    expect(kinesis.calls.flatMap(({ keys }) => keys)).toEqual(['coffee']);
  });

  test('keeps back what follows it under its key, and nothing else', async () => {
    const { outcomes, kinesis } = await run(
      [
        records(['1']),
        records(['2', 'x'.repeat(MIB)]),
        records(['3']),
        records(['4'], 'orders', 'coffee'),
        records(['5'], 'totals'),
      ],
      [],
    );
    expect(kinds(outcomes)).toEqual(['delivered', 'failed', 'refused', 'delivered', 'delivered']);
    expect(kinesis.of('shop-orders-1', 'tea')).toEqual(['1']);
  });

  test('has failed also where only one of its records is refused, and what shares no record with it is refused', async () => {
    const large = 'x'.repeat(0.7 * MIB);
    const { outcomes } = await run(
      [records([large, large]), records([large])],
      [{ kind: 'none' }, { kind: 'refused', error: 'ValidationException', status: 400 }],
    );
    expect(kinds(outcomes)).toEqual(['failed', 'refused']);
  });
});

test('whatever fails, each delivery keeps its order without gaps, and what is reported as delivered is there', async () => {
  const fault = fc.oneof(
    fc.record({
      kind: fc.constant('partly' as const),
      failing: fc.nat(15),
      code: fc.constant('ProvisionedThroughputExceededException'),
    }),
    fc.constantFrom<KinesisFault>({ kind: 'lost-answer' }, { kind: 'hang-up' }, { kind: 'none' }),
  );
  const shape = fc.record({
    stream: fc.constantFrom('orders', 'totals'),
    partitionKey: fc.constantFrom('tea', 'coffee'),
    // Large ones, so that a delivery needs several records.
    sizes: fc.array(fc.constantFrom(1, 400_000), { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(shape, { minLength: 1, maxLength: 6 }),
      fc.array(fault, { maxLength: 10 }),
      fc.boolean(),
      async (shapes, faults, isDown) => {
        const deliveries = shapes.map(({ sizes, ...where }, unit) => ({
          kind: 'stream' as const,
          ...where,
          payloads: sizes.map((size, index) => `${String(unit)}-${String(index)} ${'x'.repeat(size)}`),
        }));
        const { outcomes, kinesis } = await run(deliveries, faults, isDown ? { kind: 'hang-up' } : { kind: 'none' });
        for (const [index, { stream, partitionKey, payloads }] of deliveries.entries()) {
          const own = new Set(kinesis.of(`shop-${stream}-1`, partitionKey).filter((one) => payloads.includes(one)));
          expect([...own]).toEqual(payloads.slice(0, own.size));
          if (outcomes[index] === 'delivered') expect(own.size).toBe(payloads.length);
          if (!isDown) expect(outcomes[index]).toBe('delivered');
        }
      },
    ),
    { numRuns: 40 },
  );
});
