import { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EmissionUnit } from '../../shared/engine/ports.ts';
import { kinesisOutput } from '../../shared/sink/kinesis-output.ts';
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

const run = async (
  units: readonly EmissionUnit[],
  faults: readonly KinesisFault[],
  afterwards?: KinesisFault,
): Promise<{
  readonly written: readonly boolean[];
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
  const written = await kinesisOutput({ ...patientClock(10_000), client, streams, report }).put(units);
  return { written, kinesis, reports };
};

const MIB = 1024 * 1024;

test('units of one partition key travel in common records, one after the other', async () => {
  const units = Array.from({ length: 50 }, (_, index) => ({
    stream: 'orders',
    partitionKey: 'tea',
    payloads: [`${String(index)}a`, `${String(index)}b`],
  }));
  const { written, kinesis } = await run(units, []);
  expect(written).toEqual(units.map(() => true));
  expect(kinesis.calls.map(({ keys }) => keys)).toEqual([['tea']]);
  expect(kinesis.of('shop-orders-1', 'tea')).toEqual(units.flatMap(({ payloads }) => payloads));
});

test('of units that share records, those are written whose records are', async () => {
  const large = 'x'.repeat(0.7 * MIB);
  const unit = (payloads: readonly string[]): EmissionUnit => ({ stream: 'orders', partitionKey: 'tea', payloads });
  // Records: [1, 1, large], [large, 4]; the second is never taken.
  const down: KinesisFault = { kind: 'refused', error: 'ProvisionedThroughputExceededException', status: 400 };
  const { written } = await run(
    [unit(['1', '1']), unit([large, large]), unit([]), unit(['4'])],
    [{ kind: 'none' }],
    down,
  );
  expect(written).toEqual([true, false, true, false]);
});

test('a stream in trouble does not keep the others back', async () => {
  const units = ['orders', 'totals'].map((stream) => ({ stream, partitionKey: 'tea', payloads: ['1'] }));
  const kinesis = new FaultyKinesis([]);
  service.react = (request) => (request.body.includes('shop-orders-1') ? { kind: 'hang-up' } : kinesis.react(request));
  const streams = { orders: 'shop-orders-1', totals: 'shop-totals-1' };
  const { put } = kinesisOutput({ ...patientClock(10_000), client, streams });
  expect(await put(units)).toEqual([false, true]);
  expect(kinesis.of('shop-totals-1', 'tea')).toEqual(['1']);
});

test('a stream without a physical name is refused before anything is put', async () => {
  const units = ['orders', 'alerts'].map((stream) => ({ stream, partitionKey: 'tea', payloads: ['1'] }));
  const kinesis = new FaultyKinesis([]);
  service.react = (request) => kinesis.react(request);
  const { put } = kinesisOutput({ ...patientClock(10_000), client, streams: { orders: 'shop-orders-1' } });
  await expect(put(units)).rejects.toThrow(/'alerts' has no name here; known are: orders/);
  expect(kinesis.calls).toEqual([]);
});

test('whatever fails, each unit stands in its order and without gaps, and what is said to be written is there', async () => {
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
    // Large ones, so that a unit needs several records.
    sizes: fc.array(fc.constantFrom(1, 400_000), { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(shape, { minLength: 1, maxLength: 6 }),
      fc.array(fault, { maxLength: 10 }),
      fc.boolean(),
      async (shapes, faults, isDown) => {
        const units = shapes.map(({ sizes, ...where }, unit) => ({
          ...where,
          payloads: sizes.map((size, index) => `${String(unit)}-${String(index)} ${'x'.repeat(size)}`),
        }));
        const { written, kinesis } = await run(units, faults, isDown ? { kind: 'hang-up' } : { kind: 'none' });
        for (const [index, { stream, partitionKey, payloads }] of units.entries()) {
          const own = new Set(kinesis.of(`shop-${stream}-1`, partitionKey).filter((one) => payloads.includes(one)));
          expect([...own]).toEqual(payloads.slice(0, own.size));
          if (written[index] === true) expect(own.size).toBe(payloads.length);
          if (!isDown) expect(written[index]).toBe(true);
        }
      },
    ),
    { numRuns: 40 },
  );
});
