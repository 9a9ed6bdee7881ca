import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { missing } from '../../shared/engine/books.ts';
import { engine } from '../../shared/engine/engine.ts';
import type { Processor } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { Refused, windowed } from '../../shared/processor/windows/windowed.ts';
import {
  batch,
  bench,
  delivered,
  emitted,
  item,
  itemStream,
  storedBy,
  valuesOf,
  type Item,
} from '../support/engine-bench.ts';

const input = itemStream('in');
const results = itemStream('results');
const late = itemStream('late');
const errors = itemStream('errors');

const MINUTE_MS = 60_000;

/** Sums a minute per key, open for 30 s after its end; n = 0 does not belong in a window. */
const perMinute = (options: { readonly emit?: 'final' | 'updates' } = {}): Processor =>
  windowed({
    id: 'test/per-minute',
    from: input,
    to: { results, late, errors },
    key: ({ key }) => key,
    window: tumbling({ sizeMs: MINUTE_MS, graceMs: 30_000 }),
    idleAfterMs: 10 * MINUTE_MS,
    initial: () => 0,
    add: (sum, value) => (value.n === 0 ? new Refused({ errors: [value] }) : sum + value.n),
    emit: options.emit ?? 'final',
    result: (n, { key, partitionKey, startMs }) => ({ results: [{ lane: partitionKey, key, n, at: startMs }] }),
    late: (value) => ({ late: [value] }),
  });

/** Processes items in a new environment, counting on from the last ones. */
const feed = async (made: ReturnType<typeof bench>, ...items: readonly Item[]): Promise<void> => {
  await engine(perMinute(), made.ports).process(items.map((one) => delivered(++sequence, one)));
};
let sequence = 0;

describe('a window of event time', () => {
  test('holds its start and not its end', async () => {
    //  0 s        60 s       120 s
    //  [ first   )[ second  )
    //             ^ 60.000
    const made = bench();
    await feed(made, item('A', 'x', 1, 59.999), item('A', 'x', 2, 60), item('A', 'x', 4, 200));
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 1, 0), item('A', 'x', 2, 60)]);
  });

  test('is open while the watermark is below its end plus grace, and closed from there on', async () => {
    const made = bench();
    await feed(made, item('A', 'x', 1, 10), item('A', 'y', 1, 89.999), item('A', 'x', 2, 11));
    expect(valuesOf(made, 'results')).toEqual([]);
    await feed(made, item('A', 'y', 1, 90), item('A', 'x', 4, 12));
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 3, 0)]);
    expect(valuesOf(made, 'late')).toEqual([item('A', 'x', 4, 12)]);
  });

  test('takes a record 1 ms before its end plus grace, and calls it late from there on, also where it never had a record', async () => {
    //  0 s        60 s   90 s
    //  [ window  )  grace )
    //                     ^ watermark
    for (const [at, column] of [
      [89.999, 'applied'],
      [90, 'late'],
    ] as const) {
      const made = bench();
      await engine(perMinute(), made.ports).process([delivered(1, item('A', 'y', 1, at))]);
      const { books } = await engine(perMinute(), made.ports).process([delivered(2, item('A', 'x', 1, 59))]);
      expect({ at, ...books }).toMatchObject({ at, in: 1, [column]: 1 });
    }
  });

  test('closes by the watermark of its own partition key and of no other', async () => {
    const made = bench();
    await feed(made, item('A', 'x', 1, 10), item('B', 'z', 1, 1000), item('A', 'x', 2, 11));
    expect(valuesOf(made, 'results')).toEqual([]);
    expect(valuesOf(made, 'late')).toEqual([]);
  });

  test('closes for keys that bring nothing any more, in the order of end, then key', async () => {
    const made = bench();
    await feed(made, item('A', 'b', 1, 70), item('A', 'c', 1, 5), item('A', 'a', 1, 6));
    await feed(made, item('A', 'other', 1, 500));
    expect(valuesOf(made, 'results')).toEqual([item('A', 'a', 1, 0), item('A', 'c', 1, 0), item('A', 'b', 1, 60)]);
  });

  test('before 1970 is a window like any other', async () => {
    const made = bench();
    await feed(made, item('A', 'x', 1, -3_092_601_600), item('A', 'x', 2, -3_092_601_000));
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 1, -3_092_601_600)]);
  });

  test('refuses what does not belong in and stays as it was', async () => {
    const made = bench();
    const { books } = await engine(perMinute(), made.ports).process([
      delivered(1, item('A', 'x', 5, 1)),
      delivered(2, item('A', 'x', 0, 2)),
      delivered(3, item('A', 'x', 1, 500)),
    ]);
    expect(books).toMatchObject({ in: 3, applied: 2, invalid: 1 });
    expect(valuesOf(made, 'errors')).toEqual([item('A', 'x', 0, 2)]);
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 5, 0)]);
  });

  test('emits every change, and nothing more when it closes, if it emits updates', async () => {
    const made = bench();
    const updates = engine(perMinute({ emit: 'updates' }), made.ports);
    await updates.process([delivered(1, item('A', 'x', 5, 1)), delivered(2, item('A', 'x', 2, 2))]);
    await updates.process([delivered(3, item('A', 'x', 1, 500))]);
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 5, 0), item('A', 'x', 7, 0), item('A', 'x', 1, 480)]);
  });

  test('has a closing of one origin, whichever environment closes it and however often', async () => {
    const made = bench();
    made.intercept = (key) => (key === 'x@0/60000' ? 'throttled' : undefined);
    const records = [delivered(1, item('A', 'x', 1, 0)), delivered(2, item('A', 'y', 1, 500))];
    await engine(perMinute(), made.ports).process(records);
    made.intercept = () => undefined;
    await engine(perMinute(), made.ports).process(records);
    const origins = emitted(made.outputs, 'results').map(({ origin }) => origin);
    expect(origins).toHaveLength(2);
    expect(new Set(origins)).toEqual(new Set(['timer@A/x;test/per-minute 168640000000060000.010']));
  });

  test('a record of the far future does not make everything after it late', async () => {
    const made = bench();
    const arrivalMs = delivered(1, '').arrivalMs;
    await feed(made, item('A', 'x', 1, arrivalMs / 1000), item('A', 'x', 1, arrivalMs / 1000 + 3_000_000_000));
    await feed(made, item('A', 'x', 2, arrivalMs / 1000 + 86_400));
    expect(valuesOf(made, 'late')).toEqual([]);
  });

  test('the watermark counts repeats, so a retry comes to the same end', async () => {
    const made = bench();
    const records = [
      delivered(1, item('A', 'x', 1, 0)),
      delivered(2, item('A', 'y', 1, 500)),
      delivered(3, item('A', 'x', 2, 1)),
    ];
    // Everything is committed apart from the window of the last record, which the second one has closed.
    made.intercept = (key) => (key === 'x@0/60000' ? 'throttled' : undefined);
    await engine(perMinute(), made.ports).process(records);
    made.intercept = () => undefined;
    const { books } = await engine(perMinute(), made.ports).process(records);
    expect(books).toMatchObject({ in: 3, applied: 1, duplicate: 1, late: 1 });
    expect(valuesOf(made, 'results')).toContainEqual(item('A', 'x', 1, 0));
  });
});

describe('a window whose result cannot be made', () => {
  const poisonous = windowed({
    id: 'test/poisonous',
    from: input,
    to: { results },
    key: ({ key }) => key,
    window: tumbling({ sizeMs: MINUTE_MS, graceMs: 0 }),
    initial: () => 0,
    add: (sum, value) => sum + value.n,
    emit: 'final',
    result: (n, { key, partitionKey, startMs }) => {
      if (n === 13) throw new Error('thirteen');
      return { results: [{ lane: partitionKey, key, n, at: startMs }] };
    },
  });

  test('is a dead letter with what it held, and the windows after it close', async () => {
    const made = bench();
    const records = [item('A', 'x', 13, 0), item('A', 'x', 1, 60), item('A', 'x', 2, 120), item('A', 'x', 4, 180)];
    await engine(poisonous, made.ports).process(records.map((one, index) => delivered(index + 1, one)));
    await engine(poisonous, made.ports).sweep('all');
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 1, 60), item('A', 'x', 2, 120), item('A', 'x', 4, 180)]);
    expect(made.outputs.letters).toHaveLength(1);
    const [letter] = made.outputs.letters;
    expect(letter).toMatchObject({
      processor: 'test/poisonous',
      reason: 'step-failed',
      error: 'thirteen',
      lane: 'timer@A/x',
    });
    expect(JSON.parse(Buffer.from(letter?.payload ?? '', 'base64').toString('utf8'))).toEqual({
      key: 'x@0/60000',
      timerMs: 60_000,
      state: 13,
    });
  });
});

describe('the state of windows', () => {
  test('is one item per key and window, named by start and end; a closed window leaves an item without state', async () => {
    const made = bench();
    await feed(made, item('A', 'x', 1, 10), item('A', 'x', 2, 70), item('B', 'x', 4, 10), item('A', 'y', 8, 115));
    expect(await storedBy(made.store, 'test/per-minute')).toEqual({
      'A x@0/60000': null,
      'A x@60000/120000': 2,
      'A y@60000/120000': 8,
      'B x@0/60000': 4,
    });
  });

  test('writes the item of its own window for a record, however many windows of its key are open', async () => {
    const made = bench();
    await feed(made, ...[0, 20, 40, 60, 80].map((at) => item('A', 'x', 1, at)));
    const written: string[] = [];
    made.intercept = (key) => {
      written.push(key);
      return undefined;
    };
    await feed(made, item('A', 'x', 1, 81));
    expect(written).toEqual(['x@60000/120000']);
  });

  test('knows a repeat of a record whose window has closed', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1, 10), item('A', 'y', 1, 500));
    await engine(perMinute(), made.ports).process(records);
    const { books } = await engine(perMinute(), made.ports).process(records);
    expect(books).toMatchObject({ in: 2, duplicate: 2, late: 0 });
  });

  test('takes keys that look like windows themselves', async () => {
    const made = bench();
    await feed(made, item('A', 'x@0/60000', 1, 10), item('A', 'x', 2, 11), item('A', '@', 4, 12));
    await engine(perMinute(), made.ports).sweep('all');
    expect(valuesOf(made, 'results')).toEqual(
      expect.arrayContaining([item('A', 'x@0/60000', 1, 0), item('A', 'x', 2, 0), item('A', '@', 4, 0)]),
    );
  });

  test('refuses a key that is empty as the key that it is, not as the window it would name', async () => {
    const made = bench();
    await feed(made, item('A', '', 1, 10), item('A', 'x', 1, 10));
    expect(made.outputs.letters.map(({ error }) => error)).toEqual([
      "key(value) of windows must return text that is not empty, got ''",
    ]);
  });
});

describe('an idle partition key', () => {
  test('has its windows closed by the sweep once it was quiet long enough, and not before', async () => {
    const made = bench();
    await feed(made, item('A', 'x', 1, 10), item('A', 'y', 2, 75));
    const sweeper = engine(perMinute(), made.ports);
    made.clockMs += 10 * MINUTE_MS - 1;
    expect(await sweeper.sweep('idle')).toBe(0);
    made.clockMs += 1;
    expect(await sweeper.sweep('idle')).toBe(2);
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 1, 0), item('A', 'y', 2, 60)]);
    expect(await sweeper.sweep('idle')).toBe(0);
  });

  test('calls a record late that comes for a window the sweep has closed, and takes one for a later window', async () => {
    const made = bench();
    const worker = engine(perMinute(), made.ports);
    await worker.process([delivered(1, item('A', 'x', 1, 10))]);
    made.clockMs += 10 * MINUTE_MS;
    await engine(perMinute(), made.ports).sweep('idle');
    const { books } = await worker.process([delivered(2, item('A', 'x', 2, 11)), delivered(3, item('A', 'x', 4, 61))]);
    expect(books).toMatchObject({ in: 2, late: 1, applied: 1 });
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 1, 0)]);
  });

  test('is left alone by the sweep while a batch of it is under way', async () => {
    const made = bench();
    await feed(made, item('A', 'x', 1, 10));
    made.clockMs += 10 * MINUTE_MS;
    let swept: number | undefined;
    const slow = engine(perMinute(), {
      ...made.ports,
      outputs: {
        ...made.ports.outputs,
        deliver: async (deliveries) => {
          swept = await engine(perMinute(), made.ports).sweep('idle');
          return made.ports.outputs.deliver(deliveries);
        },
      },
    });
    await slow.process([delivered(100, item('A', 'x', 2, 11)), delivered(101, item('A', 'y', 2, 300))]);
    expect(swept).toBe(0);
    expect(valuesOf(made, 'results')).toEqual([item('A', 'x', 3, 0)]);
  });
});

test('however a partition is cut into batches, windows have the same results and late records', async () => {
  const items = fc.array(
    fc.record({
      key: fc.constantFrom('x', 'y', 'z'),
      n: fc.integer({ min: 0, max: 9 }),
      at: fc.integer({ min: 0, max: 600 }),
    }),
    { minLength: 1, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(items, fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 }), async (given, cuts) => {
      const records = given.map(({ key, n, at }, index) => delivered(index + 1, item('A', key, n, at)));
      const outcome = async (sizes: readonly number[]): Promise<unknown> => {
        const made = bench();
        let left = records;
        for (const size of [...sizes, records.length]) {
          if (left.length === 0) break;
          const { books } = await engine(perMinute(), made.ports).process(left.slice(0, size));
          expect(missing(books)).toBe(0);
          left = left.slice(size);
        }
        await engine(perMinute(), made.ports).sweep('all');
        return [emitted(made.outputs, 'results'), emitted(made.outputs, 'late'), emitted(made.outputs, 'errors')];
      };
      expect(await outcome(cuts)).toEqual(await outcome([]));
    }),
    { numRuns: 100 },
  );
});
