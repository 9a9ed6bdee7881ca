import { afterEach, describe, expect, test } from '@jest/globals';
import type { KinesisStreamBatchItemFailure, KinesisStreamBatchResponse } from 'aws-lambda';
import { BOOK_COLUMNS, missing, newTally, type Books } from '../../../shared/engine/books.ts';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { processor, type Processor } from '../../../shared/processor/processor.ts';
import type { BatchResponse } from '../../../shared/runtime/batch-response.ts';
import { lambda, type LambdaHandler, type LambdaParts } from '../../../shared/runtime/lambda/lambda.ts';
import { bookMetric } from '../../../shared/runtime/lambda/batch-report.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { dataMember, sealer } from '../../../shared/stream/envelope.ts';
import { bench, delivered, item, itemStream, type Bench } from '../../support/engine-bench.ts';
import { captured, type CapturedOutput } from './captured-output.ts';
import { contextWith, eventOf, variablesFor } from './invocation.ts';

const DAY_MS = 86_400_000;
const input = itemStream('in');
const output = itemStream('out');

/** Sums per key; n = 13 is held, n = 0 is filtered. A timer emits the sum. */
const summing: Processor = processor({
  id: 'test/sum',
  from: input,
  to: { output },
  onFault: 'hold',
  key: ({ key }) => key,
  initial: () => 0,
  timers: { graceMs: 0, idleAfterMs: 60_000, whenIdle: 'fire-all' },
  step: ({ value, state }) => {
    if (value.n === 13) throw new Error('thirteen');
    if (value.n === 0) return { outcome: 'filtered' };
    return { state: state + value.n, timerMs: value.at + DAY_MS };
  },
  onTimer: ({ state, key, timerMs, partitionKey }) => ({
    emit: { output: [{ lane: partitionKey, key, n: state, at: timerMs }] },
  }),
});

const made = (parts: LambdaParts = {}): { readonly handler: LambdaHandler; readonly world: Bench } => {
  const world = bench();
  const handler = lambda(summing, {
    env: variablesFor(summing),
    ports: () => world.ports,
    nowMs: () => world.clockMs,
    sleep: (ms) => {
      world.clockMs += ms;
      return Promise.resolve();
    },
    ...parts,
  });
  return { handler, world };
};

const invoked = async (
  handler: LambdaHandler,
  event: unknown,
  remainingMs = 60_000,
): Promise<CapturedOutput & { readonly answer: unknown }> => {
  let answer: unknown;
  const taken = await captured(async () => {
    answer = await handler(event, contextWith(remainingMs));
  });
  return { ...taken, answer };
};

const batch = (...items: readonly Parameters<typeof delivered>[1][]): readonly DeliveredRecord[] =>
  items.map((one, index) => delivered(index + 1, one));

const metricsIn = ({ lines }: CapturedOutput): Readonly<Record<string, unknown>> => {
  const found = lines.filter((line) => '_aws' in line);
  expect(found).toHaveLength(1);
  return found[0] ?? {};
};

const booksIn = (metrics: Readonly<Record<string, unknown>>): Books => {
  const books = newTally();
  for (const column of BOOK_COLUMNS) books[column] = Number(metrics[bookMetric(column)]);
  return books;
};

afterEach(() => {
  delete process.env['POWERTOOLS_LOG_LEVEL'];
  delete process.env['POWERTOOLS_LOGGER_LOG_EVENT'];
});

describe('metrics of a batch', () => {
  test('are its books, every column of them, and they balance', async () => {
    const { handler } = made();
    const records = batch(item('A', 'x', 1), item('A', 'y', 0), 'rubbish', item('B', 'z', 13), item('B', 'z', 2));
    const metrics = metricsIn(await invoked(handler, eventOf(records)));
    const books = booksIn(metrics);
    expect(books).toEqual({ ...newTally(), in: 5, applied: 1, filtered: 1, deadLettered: 1, held: 2, emitted: 0 });
    expect(missing(books)).toBe(0);
    expect(metrics).toMatchObject({ HeldPartitions: 1, UnprocessedRecords: 0, Conflicts: 0 });
    expect(metrics).not.toHaveProperty('SweepEmitted');
  });

  test('are in the namespace Millrace, by deployment and processor', async () => {
    const { handler } = made();
    const metrics = metricsIn(await invoked(handler, eventOf(batch(item('A', 'x', 1)))));
    expect(metrics).toMatchObject({ service: 'millrace-test-dev', processor: 'test/sum' });
    expect(metrics['_aws']).toMatchObject({
      CloudWatchMetrics: [
        {
          Namespace: 'Millrace',
          Dimensions: [['service', 'processor']],
          Metrics: expect.arrayContaining([
            ...BOOK_COLUMNS.map((column) => ({ Name: bookMetric(column), Unit: 'Count' })),
            { Name: 'BatchLagMs', Unit: 'Milliseconds' },
            { Name: 'WatermarkDelayMs', Unit: 'Milliseconds' },
          ]),
        },
      ],
    });
  });

  test('say how old the newest record and the lowest watermark are on the clock', async () => {
    const { handler, world } = made();
    world.clockMs = Date.UTC(2030, 0, 1) + 5_000;
    const at = Date.UTC(2029, 11, 31) / 1000;
    const records = batch(item('A', 'x', 1, at), item('B', 'y', 1, at + 60));
    const metrics = metricsIn(await invoked(handler, eventOf(records)));
    expect(metrics).toMatchObject({ BatchLagMs: 5_000, WatermarkDelayMs: DAY_MS + 5_000 });
  });

  test('of one invocation are not mixed with those of another that failed', async () => {
    let fails = true;
    const { handler, world } = made({
      ports: () => ({
        ...world.ports,
        state: {
          ...world.ports.state,
          load: (at) => (fails ? Promise.reject(new Error('no table')) : world.store.load(at)),
        },
      }),
    });
    const records = batch(item('A', 'x', 1), item('A', 'x', 2));
    const failed = await captured(async () => {
      await expect(handler(eventOf(records), contextWith(60_000))).rejects.toThrow('no table');
    });
    expect(failed.lines.filter((line) => '_aws' in line)).toEqual([]);
    fails = false;
    expect(booksIn(metricsIn(await invoked(handler, eventOf(records))))).toMatchObject({ in: 2, applied: 2 });
  });
});

describe('what must come again', () => {
  test('is answered by the lowest record of each held partition key', async () => {
    const { handler } = made();
    const records = batch(
      item('A', 'x', 1),
      item('B', 'y', 13),
      item('B', 'y', 1),
      item('C', 'z', 13),
      item('A', 'x', 2),
    );
    const { answer } = await invoked(handler, eventOf(records));
    expect(answer).toEqual({
      batchItemFailures: [1, 3].map((index) => ({ itemIdentifier: records[index]?.sequenceNumber })),
    });
  });

  test('is nothing where all went well', async () => {
    const { handler } = made();
    expect((await invoked(handler, eventOf(batch(item('A', 'x', 1))))).answer).toEqual({ batchItemFailures: [] });
  });

  test('has the form that Lambda reads, name by name', () => {
    const answered: BatchResponse = { batchItemFailures: [{ itemIdentifier: '1' }] };
    // Either direction compiles only while the names are the same.
    const read: Readonly<Record<keyof KinesisStreamBatchResponse, readonly KinesisStreamBatchItemFailure[]>> = answered;
    const ours: BatchResponse = read;
    expect(ours).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  });

  test('is logged with its cause, one line a partition key', async () => {
    const { handler } = made();
    const records = batch(item('A', 'x', 1), item('B', 'y', 13), item('C', 'z', 13));
    const { lines } = await invoked(handler, eventOf(records));
    const held = lines.filter(({ event }) => event === 'partition-held');
    expect(held).toHaveLength(2);
    expect(held[0]).toMatchObject({
      level: 'WARN',
      service: 'millrace-test-dev',
      processor: 'test/sum',
      partitionKey: 'B',
      sequenceNumber: records[1]?.sequenceNumber,
      because: 'thirteen',
      function_request_id: '11111111-2222-3333-4444-555555555555',
    });
  });

  test('is logged for a hundred partition keys one by one, and for the rest by their number', async () => {
    const { handler } = made();
    const records = batch(
      ...Array.from({ length: 105 }, (_, index) => item(`partition-${String(index)}`, `k${String(index)}`, 13)),
    );
    const { lines } = await invoked(handler, eventOf(records));
    expect(lines.filter(({ event }) => event === 'partition-held')).toHaveLength(100);
    expect(lines.filter(({ event }) => event === 'more-partitions-held')).toEqual([
      expect.objectContaining({ partitions: 5 }),
    ]);
  });
});

describe('a fault that is soon over', () => {
  test('is waited for in the invocation, so that it costs no redelivery', async () => {
    const { handler, world } = made();
    let refusals = 3;
    world.intercept = (key) => (key === 'y' && refusals-- > 0 ? 'throttled' : undefined);
    const startedMs = world.clockMs;
    const output = await invoked(handler, eventOf(batch(item('A', 'x', 1), item('B', 'y', 2), item('B', 'y', 3))));
    expect(output.answer).toEqual({ batchItemFailures: [] });
    expect(metricsIn(output)).toMatchObject({ In: 3, Applied: 3, Held: 0, HeldPartitions: 0 });
    expect(world.clockMs - startedMs).toBeGreaterThan(0);
  });
});

describe('an event of an odd shape', () => {
  /** A handler whose dead letters are gathered, or refused. */
  const keeping = (isKept = true): { readonly handler: LambdaHandler; readonly letters: DeadLetter[] } => {
    const letters: DeadLetter[] = [];
    const world = bench();
    const deadLetter = (some: readonly DeadLetter[]): Promise<readonly boolean[]> => {
      letters.push(...some);
      return Promise.resolve(some.map(() => isKept));
    };
    const outputs = { ...world.ports.outputs, deadLetter };
    return { handler: made({ ports: () => ({ ...world.ports, outputs }) }).handler, letters };
  };
  const recordOf = (sequenceNumber: unknown, data: unknown): object => ({
    kinesis: { partitionKey: 'A', sequenceNumber, data, approximateArrivalTimestamp: 1_545_084_650 },
  });
  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

  test.each([undefined, 'no base64!'])('whose record has the data %p loses that record alone', async (data) => {
    const { handler, letters } = keeping();
    const Records = [
      recordOf('1', base64(item('A', 'x', 1))),
      recordOf('2', data),
      recordOf('3', base64(item('A', 'x', 2))),
    ];
    const output = await invoked(handler, { Records });
    expect(output.answer).toEqual({ batchItemFailures: [] });
    expect(metricsIn(output)).toMatchObject({ In: 3, Applied: 2, DeadLettered: 1, Held: 0 });
    expect(letters).toEqual([
      expect.objectContaining({
        processor: 'test/sum',
        stream: 'in',
        partitionKey: 'A',
        sequenceNumber: '2',
        reason: 'undecodable',
        payload: Buffer.from(data ?? '').toString('base64'),
      }),
    ]);
  });

  test('holds a record that cannot be read until its dead letter is kept', async () => {
    const { handler } = keeping(false);
    const output = await invoked(handler, { Records: [recordOf('1', base64(item('A', 'x', 1))), recordOf('2', null)] });
    expect(output.answer).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(metricsIn(output)).toMatchObject({ In: 2, Applied: 1, DeadLettered: 0, Held: 1, HeldPartitions: 1 });
  });

  test('with a sequence number that has lost digits is refused whole, and the error names the record', async () => {
    const { handler } = keeping();
    const { text } = await captured(async () => {
      const event = { Records: [recordOf('1', 'e30='), recordOf(4.9e55, base64('secret'))] };
      await expect(handler(event, contextWith(60_000))).rejects.toThrow('record 2 of 2 of the event');
    });
    expect(text).not.toContain(base64('secret'));
  });

  test("of Lambda's own tumbling window gets its state back", async () => {
    const { handler } = keeping();
    const state = { count: 7 };
    const window = { start: '2020-01-01T00:00:00Z', end: '2020-01-01T00:01:00Z' };
    const last = { Records: [], window, state, isFinalInvokeForWindow: true, isWindowTerminatedEarly: false };
    expect((await invoked(handler, last)).answer).toEqual({ batchItemFailures: [], state });
    const first = { Records: [recordOf('1', base64(item('A', 'x', 1)))], window };
    expect((await invoked(handler, first)).answer).toEqual({ batchItemFailures: [], state: {} });
  });

  test('without any record is answered at once', async () => {
    const { handler } = keeping();
    expect((await invoked(handler, { Records: [] })).answer).toEqual({ batchItemFailures: [] });
  });
});

describe('a batch for which no time is left', () => {
  test('is processed as far as it goes, and the first record after that comes again', async () => {
    const { handler, world } = made({ sliceBytes: 1 });
    const put = world.ports.state.write.bind(world.ports.state);
    Object.assign(world.ports.state, {
      write: (writes: Parameters<typeof put>[0]) => {
        world.clockMs += 20_000;
        return put(writes);
      },
    });
    const records = batch(item('A', 'x', 1), item('A', 'x', 2), item('A', 'x', 3), item('A', 'x', 4));
    const output = await invoked(handler, eventOf(records), 60_000);
    expect(output.answer).toEqual({ batchItemFailures: [{ itemIdentifier: records[2]?.sequenceNumber }] });
    expect(metricsIn(output)).toMatchObject({ In: 2, Applied: 2, UnprocessedRecords: 2, HeldPartitions: 0 });
    expect(output.lines).toContainEqual(
      expect.objectContaining({
        event: 'records-unprocessed',
        level: 'WARN',
        records: 2,
        sequenceNumber: records[2]?.sequenceNumber,
        because: 'no-time',
      }),
    );
  });

  test('gives its ports a deadline that leaves time for the answer', async () => {
    let leftMs = 0;
    const { handler, world } = made({
      ports: (_environment, { nowMs, deadlineMs }) => ({
        ...world.ports,
        nowMs: () => {
          leftMs = deadlineMs() - nowMs();
          return nowMs();
        },
      }),
    });
    await invoked(handler, eventOf(batch(item('A', 'x', 1))), 10_000);
    expect(leftMs).toBe(8_500);
    await invoked(handler, eventOf(batch(item('A', 'x', 1))), 20_000);
    expect(leftMs).toBe(18_500);
  });
});

describe('an event of the schedule', () => {
  test('closes what idle partition keys hold, and counts what it emitted', async () => {
    const { handler, world } = made();
    await invoked(handler, eventOf(batch(item('A', 'x', 1), item('B', 'y', 2))));
    world.clockMs += 120_000;
    const swept = await invoked(handler, { sweep: 'idle' });
    expect(swept.answer).toEqual({ emitted: 2 });
    expect(world.outputs.units.flatMap(({ payloads }) => payloads)).toHaveLength(2);
    expect(metricsIn(swept)).toMatchObject({ SweepEmitted: 2, Emitted: 2 });
    expect(metricsIn(swept)).not.toHaveProperty('In');
  });
});

describe('any other event is refused', () => {
  test.each([
    ['an HTTP request', { requestContext: {}, body: 'secret' }, 'fields requestContext, body'],
    ['a sweep of another kind', { sweep: 'secret' }, 'fields sweep'],
    ['records of another service', { Records: [{ Sns: { Message: 'secret' } }] }, 'fields Records'],
    ['a text', 'secret', 'an event that is string'],
    ['nothing', null, 'an event that is null'],
    ['an empty event', {}, 'an empty event'],
  ])('%s, without telling what is in it', async (_what, event, named) => {
    const { handler } = made();
    const { text, lines } = await captured(async () => {
      await expect(handler(event, contextWith(60_000))).rejects.toThrow(named);
    });
    expect(lines).toContainEqual(expect.objectContaining({ level: 'ERROR', event: 'invocation-failed' }));
    expect(text).not.toContain('secret');
  });
});

describe('a function', () => {
  test('logs no payload, at any level', async () => {
    process.env['POWERTOOLS_LOG_LEVEL'] = 'TRACE';
    process.env['POWERTOOLS_LOGGER_LOG_EVENT'] = 'true';
    const { handler } = made();
    const secret = 'secret-in-the-payload';
    const records = batch(item('A', secret, 1), item('B', secret.toUpperCase(), 13), `${secret} rubbish`);
    const { text, lines } = await invoked(handler, eventOf(records));
    expect(lines.length).toBeGreaterThan(2);
    expect(text.toLowerCase()).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(JSON.stringify(item('A', secret, 1))).toString('base64'));
  });

  test('keeps its level of logging in a variable', async () => {
    process.env['POWERTOOLS_LOG_LEVEL'] = 'ERROR';
    const { handler } = made();
    const { lines } = await invoked(handler, eventOf(batch(item('B', 'y', 13))));
    expect(lines.filter((line) => !('_aws' in line))).toEqual([]);
  });

  test('makes its ports at the first invocation, and once', async () => {
    let makings = 0;
    const { handler, world } = made({
      ports: () => {
        makings += 1;
        return world.ports;
      },
    });
    expect(makings).toBe(0);
    await invoked(handler, eventOf(batch(item('A', 'x', 1))));
    await invoked(handler, eventOf(batch(item('A', 'x', 1))));
    expect(makings).toBe(1);
  });

  test('leaves no timer running', async () => {
    const { handler } = made();
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await invoked(handler, eventOf(batch(item('A', 'x', 1))));
    expect(timers()).toBe(before);
  });

  test.each([
    ['opens an envelope where its input is ours', false, { In: 1, Applied: 1, DeadLettered: 0 }],
    ['takes what looks like an envelope for plain data where its input is foreign', true, { In: 1, DeadLettered: 1 }],
  ])('%s', async (_rule, isForeign, expected) => {
    const { handler } = made({ env: variablesFor(summing, isForeign) });
    const envelope = sealer('in', 'before@A')('0210', 0, dataMember(input.codec, item('A', 'x', 1)));
    expect(metricsIn(await invoked(handler, eventOf(batch(envelope))))).toMatchObject(expected);
  });
});
