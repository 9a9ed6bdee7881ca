import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { missing } from '../../shared/engine/books.ts';
import { engine } from '../../shared/engine/engine.ts';
import { processor, type FaultPolicy, type Processor } from '../../shared/processor/processor.ts';
import { batch, bench, delivered, emitted, item, itemStream, stored, storedBy } from '../support/engine-bench.ts';

const input = itemStream('in');
const output = itemStream('out');

/** Sums per key and emits every record with the sum so far; n = 13 is a bug in the step. */
const summing = (options: { readonly onFault?: FaultPolicy } = {}): Processor =>
  processor({
    id: 'test/sum',
    from: input,
    to: { output },
    key: ({ key }) => key,
    initial: () => 0,
    ...options,
    step: ({ value, state }) => {
      if (value.n === 13) throw new Error('thirteen');
      const sum = state + value.n;
      return { state: sum, emit: { output: [{ ...value, n: sum }] } };
    },
  });

describe('every record twice, every effect once', () => {
  test('a batch that is delivered again changes nothing and emits nothing', async () => {
    const { ports, outputs, store } = bench();
    const records = batch(item('A', 'x', 1), item('A', 'y', 10), item('A', 'x', 2));
    const first = await engine(summing(), ports).process(records);
    expect(first.books).toMatchObject({ in: 3, applied: 3, duplicate: 0, emitted: 3 });
    const before = outputs.units.length;
    const again = await engine(summing(), ports).process(records);
    expect(again.books).toMatchObject({ in: 3, applied: 0, duplicate: 3, emitted: 0 });
    expect(outputs.units).toHaveLength(before);
    expect(await stored(store, 'test/sum')).toEqual({ x: 3, y: 10 });
  });

  test('a key whose write failed is applied by the retry, its neighbour under the partition key is not applied again', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1), item('A', 'y', 10), item('A', 'x', 2), item('B', 'z', 5));
    made.intercept = (key) => (key === 'y' ? 'throttled' : undefined);
    const first = await engine(summing(), made.ports).process(records);
    expect(first.held).toEqual([
      expect.objectContaining({ partitionKey: 'A', sequenceNumber: records[1]?.sequenceNumber }),
    ]);
    expect(first.books).toMatchObject({ in: 4, applied: 3, held: 1 });

    made.intercept = () => undefined;
    const retry = await engine(summing(), made.ports).process(records.slice(1, 3));
    expect(retry.books).toMatchObject({ in: 2, applied: 1, duplicate: 1, held: 0 });
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 3, y: 10, z: 5 });
  });

  test('an output that is emitted again has the origin it had', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1), item('A', 'y', 10), item('A', 'x', 2));
    made.intercept = () => 'throttled';
    await engine(summing(), made.ports).process(records);
    const first = emitted(made.outputs, 'out');
    made.outputs.units.length = 0;
    made.intercept = () => undefined;
    await engine(summing(), made.ports).process(records);
    expect(emitted(made.outputs, 'out')).toEqual(first);
    expect(new Set(first.map(({ origin }) => origin)).size).toBe(3);
  });

  test('what loses a conditional write is folded again on what the winner wrote', async () => {
    const made = bench();
    const slow = engine(summing(), made.ports);
    const fast = engine(summing(), made.ports);
    await slow.process(batch(item('A', 'x', 1)));
    await fast.process([delivered(2, item('A', 'x', 2))]);
    // `slow` still has the item as it was before `fast` came.
    const result = await slow.process([delivered(2, item('A', 'x', 2)), delivered(3, item('A', 'x', 4))]);
    expect(result.books).toMatchObject({ in: 2, applied: 1, duplicate: 1 });
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 7 });
  });

  test('each time a key is folded again because another writer won is counted', async () => {
    const made = bench();
    let races = 3;
    made.intercept = (key) => (key === 'x' && races-- > 0 ? 'conflict' : undefined);
    const { conflicts, books } = await engine(summing(), made.ports).process(
      batch(item('A', 'x', 1), item('A', 'y', 2)),
    );
    expect(conflicts).toBe(3);
    expect(books).toMatchObject({ in: 2, applied: 2 });
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 1, y: 2 });
  });

  test('a partition whose key other writers keep winning is held, not lost', async () => {
    const made = bench();
    made.intercept = () => 'conflict';
    const { held, books } = await engine(summing(), made.ports).process(batch(item('A', 'x', 1)));
    expect(held).toHaveLength(1);
    expect(books).toMatchObject({ in: 1, held: 1 });
  });

  test('however a partition is cut into batches and repeated, the state is that of one pass', async () => {
    const items = fc.array(
      fc.record({
        lane: fc.constantFrom('A', 'B'),
        key: fc.constantFrom('x', 'y'),
        n: fc.integer({ min: 0, max: 12 }),
      }),
      { minLength: 1, maxLength: 30 },
    );
    const cuts = fc.array(fc.record({ back: fc.nat(5), take: fc.integer({ min: 1, max: 7 }) }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(items, cuts, async (given, schedule) => {
        const records = given.map(({ lane, key, n }, index) => delivered(index + 1, item(lane, `${lane}${key}`, n)));
        const once = bench();
        await engine(summing(), once.ports).process(records);
        const many = bench();
        let done = 0;
        for (const { back, take } of [...schedule, { back: 5, take: 100 }]) {
          const from = Math.max(0, done - back);
          const { books } = await engine(summing(), many.ports).process(records.slice(from, done + take));
          expect(missing(books)).toBe(0);
          done = Math.min(records.length, done + take);
        }
        expect(await stored(many.store, 'test/sum')).toEqual(await stored(once.store, 'test/sum'));
        const outputs = (one: typeof once): string[] =>
          emitted(one.outputs, 'out')
            .map((each) => JSON.stringify(each))
            .sort();
        expect(outputs(many)).toEqual(outputs(once));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the partition is the unit of failure', () => {
  test('a partition whose outputs are refused is held from its first record on and not committed; others pass', async () => {
    const made = bench();
    made.outputs.refuses = ({ partitionKey }) => partitionKey === 'A';
    const records = batch(item('B', 'z', 5), item('A', 'x', 1), item('A', 'y', 2));
    const { held, books } = await engine(summing(), made.ports).process(records);
    expect(held).toEqual([
      {
        partitionKey: 'A',
        sequenceNumber: records[1]?.sequenceNumber,
        because: "stream 'out' did not take its records",
      },
    ]);
    expect(books).toMatchObject({ in: 3, applied: 1, held: 2, emitted: 1 });
    expect(await stored(made.store, 'test/sum')).toEqual({ z: 5 });
  });

  test('a step that throws makes a dead letter with payload, processor, origin and error, and the partition goes on', async () => {
    const { ports, outputs, store } = bench();
    const records = batch(item('A', 'x', 1), item('A', 'x', 13), item('A', 'x', 2));
    const { books } = await engine(summing(), ports).process(records);
    expect(books).toMatchObject({ in: 3, applied: 2, deadLettered: 1, held: 0 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 3 });
    expect(outputs.letters).toEqual([
      expect.objectContaining({
        processor: 'test/sum',
        stream: 'in',
        partitionKey: 'A',
        lane: 'in@A',
        reason: 'step-failed',
        error: 'thirteen',
        payload: Buffer.from(records[1]?.data ?? []).toString('base64'),
      }),
    ]);
  });

  test('with the policy hold, the partition waits at the record whose step throws, and what comes before it is applied', async () => {
    const { ports, outputs, store } = bench();
    const records = batch(item('A', 'x', 1), item('A', 'x', 13), item('A', 'x', 2), item('B', 'z', 5));
    const { held, books } = await engine(summing({ onFault: 'hold' }), ports).process(records);
    expect(held).toEqual([{ partitionKey: 'A', sequenceNumber: records[1]?.sequenceNumber, because: 'thirteen' }]);
    expect(books).toMatchObject({ in: 4, applied: 2, held: 2, deadLettered: 0 });
    expect(outputs.letters).toEqual([]);
    expect(await stored(store, 'test/sum')).toEqual({ x: 1, z: 5 });
  });
});

describe('state keys', () => {
  test('a state key that two partition keys bring has two states', async () => {
    const { ports, store } = bench();
    const { books } = await engine(summing(), ports).process(batch(item('A', 'x', 1), item('B', 'x', 2)));
    expect(books).toMatchObject({ in: 2, applied: 2 });
    expect(await storedBy(store, 'test/sum')).toEqual({ 'A x': 1, 'B x': 2 });
  });

  test.each([
    ['', /^processor 'test\/sum': a state key must have 1 to 512 characters, got 0$/u],
    ['k'.repeat(513), /: a state key must have 1 to 512 characters, got 513$/u],
    ['€'.repeat(334), /: a state key may have 1000 bytes of UTF-8, got 1002: shorten it/u],
    ['a\0b', /: a state key must be text without U\+0000 .* got "a\\u0000b"$/u],
    ['\ud800', /: a state key must be text .* without halves of surrogate pairs, got "\\ud800"$/u],
  ])('a key of %j is refused', async (key, error) => {
    const { ports, outputs, store } = bench();
    const { books } = await engine(summing(), ports).process(batch(item('A', key, 1), item('A', 'x', 1)));
    expect(books).toMatchObject({ deadLettered: 1, applied: 1 });
    expect(outputs.letters[0]?.error).toMatch(error);
    expect(await stored(store, 'test/sum')).toEqual({ x: 1 });
  });

  test.each(['k'.repeat(512), '€'.repeat(333), 'ä😀'])('a key of %j is taken', async (key) => {
    const { ports, store } = bench();
    await engine(summing(), ports).process(batch(item('A', key, 1)));
    expect(await stored(store, 'test/sum')).toEqual({ [key]: 1 });
  });
});
