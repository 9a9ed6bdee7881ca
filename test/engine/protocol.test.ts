import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KplAggregator } from '../../shared/codec/kpl-aggregator.ts';
import { bytesOf } from '../../shared/codec/text-bytes.ts';
import { missing } from '../../shared/engine/books.ts';
import { engine } from '../../shared/engine/engine.ts';
import { processor, type FaultPolicy, type Processor } from '../../shared/processor/processor.ts';
import { bench, delivered, emitted, item, itemStream, stored, type Item } from '../support/engine-bench.ts';

const input = itemStream('in');
const output = itemStream('out');

/** Sums per key and gives out every record with the sum so far; n = 13 is a bug in the step. */
const summing = (options: { readonly onFault?: FaultPolicy; readonly fanIn?: boolean } = {}): Processor =>
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

const batch = (...items: readonly (Item | string)[]): ReturnType<typeof delivered>[] =>
  items.map((one, index) => delivered(index + 1, one));

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

  test('a key whose write failed is applied by the retry, its neighbour in the lane is not applied again', async () => {
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

  test('whoever loses a conditional write folds again on what the winner wrote', async () => {
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

  test('each time a key is folded again because somebody else was faster is counted', async () => {
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

  test('a lane whose key others write all the time is held, not lost', async () => {
    const made = bench();
    made.intercept = () => 'conflict';
    const { held, books } = await engine(summing(), made.ports).process(batch(item('A', 'x', 1)));
    expect(held).toHaveLength(1);
    expect(books).toMatchObject({ in: 1, held: 1 });
  });

  test('however a lane is cut into batches and repeated, the state is that of one pass', async () => {
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

describe('the lane is the unit of failure', () => {
  test('a lane whose outputs are refused is held from its first record on and not committed; other lanes pass', async () => {
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

  test('a key whose item has grown too large is held with its size and what to do; other lanes and keys pass', async () => {
    const made = bench();
    made.intercept = (key) => (key === 'x' ? 'too-large' : undefined);
    const records = batch(item('A', 'w', 3), item('A', 'x', 1), item('B', 'z', 5));
    const { held, books } = await engine(summing(), made.ports).process(records);
    expect(held).toEqual([
      {
        partitionKey: 'A',
        sequenceNumber: records[1]?.sequenceNumber,
        because: expect.stringMatching(
          /^state key 'x' has grown to 1 bytes of state and \d+ of ledger; an item may have 409600 bytes with everything: keep less/u,
        ),
      },
    ]);
    expect(books).toMatchObject({ in: 3, applied: 2, held: 1 });
    expect(await stored(made.store, 'test/sum')).toEqual({ w: 3, z: 5 });
  });

  test('a step that throws makes a dead letter with payload, processor, origin and error, and the lane goes on', async () => {
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

  test('with the policy hold, the lane waits at the record whose step throws and what stands before it is applied', async () => {
    const { ports, outputs, store } = bench();
    const records = batch(item('A', 'x', 1), item('A', 'x', 13), item('A', 'x', 2), item('B', 'z', 5));
    const { held, books } = await engine(summing({ onFault: 'hold' }), ports).process(records);
    expect(held).toEqual([{ partitionKey: 'A', sequenceNumber: records[1]?.sequenceNumber, because: 'thirteen' }]);
    expect(books).toMatchObject({ in: 4, applied: 2, held: 2, deadLettered: 0 });
    expect(outputs.letters).toEqual([]);
    expect(await stored(store, 'test/sum')).toEqual({ x: 1, z: 5 });
  });

  test('what cannot be decoded is a dead letter, and the rest of the lane goes on', async () => {
    const { ports, outputs, store } = bench();
    const { books } = await engine(summing(), ports).process(batch('{oops', item('A', 'x', 1), '[]'));
    expect(books).toMatchObject({ in: 3, applied: 1, deadLettered: 2 });
    expect(outputs.letters.map(({ reason, error }) => `${reason}: ${error.slice(0, 8)}`)).toEqual([
      'undecodable: not JSON',
      'undecodable: not a it'.slice(0, 21),
    ]);
    expect(await stored(store, 'test/sum')).toEqual({ x: 1 });
  });

  test('records packed into one aggregate are records of their own, and a repeat of the aggregate is a repeat of each', async () => {
    const { ports, store } = bench();
    const aggregator = new KplAggregator({ partitionKey: 'A' });
    for (const n of [1, 2, 4]) aggregator.append(bytesOf(JSON.stringify(item('A', 'x', n))));
    const record = { ...delivered(1, ''), data: aggregator.finish() };
    const { books } = await engine(summing(), ports).process([record]);
    expect(books).toMatchObject({ in: 3, applied: 3 });
    const again = await engine(summing(), ports).process([record, delivered(2, item('A', 'x', 8))]);
    expect(again.books).toMatchObject({ in: 4, applied: 1, duplicate: 3 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 15 });
  });
});

describe('state keys', () => {
  test('a state key that two partition keys bring is refused with an error that says what to do', async () => {
    const { ports, outputs, store } = bench();
    const { books } = await engine(summing(), ports).process(batch(item('A', 'x', 1), item('B', 'x', 2)));
    expect(books).toMatchObject({ in: 2, applied: 1, deadLettered: 1 });
    expect(outputs.letters[0]?.error).toMatch(/state key 'x' is brought by two partition keys, 'A' and 'B'.*fanIn/);
    expect(await stored(store, 'test/sum')).toEqual({ x: 1 });
  });

  test('with fanIn a key takes from several lanes, each with its own place in the ledger', async () => {
    const { ports, store } = bench();
    const records = batch(item('A', 'x', 1), item('B', 'x', 2), item('A', 'x', 4));
    await engine(summing({ fanIn: true }), ports).process(records);
    const again = await engine(summing({ fanIn: true }), ports).process([...records, delivered(4, item('B', 'x', 8))]);
    expect(again.books).toMatchObject({ in: 4, applied: 1, duplicate: 3 });
    expect(await stored(store, 'test/sum')).toEqual({ x: 15 });
  });

  test('with fanIn a lane that cannot emit holds the lanes it shares a key with, and only those', async () => {
    const made = bench();
    made.outputs.refuses = ({ partitionKey }) => partitionKey === 'A';
    const records = batch(item('A', 'x', 1), item('B', 'x', 2), item('C', 'y', 4));
    const { held, books } = await engine(summing({ fanIn: true }), made.ports).process(records);
    expect(held.map(({ partitionKey }) => partitionKey)).toEqual(['A', 'B']);
    expect(books).toMatchObject({ in: 3, applied: 1, held: 2 });
    made.outputs.refuses = () => false;
    await engine(summing({ fanIn: true }), made.ports).process(records);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 3, y: 4 });
  });

  test.each([
    ['', /^a state key must have 1 to 512 characters, got 0$/u],
    ['k'.repeat(513), /^a state key must have 1 to 512 characters, got 513$/u],
    ['€'.repeat(334), /^a state key may have 1000 bytes of UTF-8, got 1002: shorten it/u],
    ['a\0b', /^a state key must be text without U\+0000 .* got "a\\u0000b"$/u],
    ['\ud800', /^a state key must be text .* without halves of surrogate pairs, got "\\ud800"$/u],
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
