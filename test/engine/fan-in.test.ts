import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { engine } from '../../shared/engine/engine.ts';
import { MAX_ITEM_BYTES } from '../../shared/state/state-store.ts';
import { sealer } from '../../shared/stream/envelope.ts';
import { laneThrough, rootLane } from '../../shared/stream/origin.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';
import { batch, bench, delivered, item, itemStream, stored, storedBy, valuesOf } from '../support/engine-bench.ts';

const summing = (stream = 'in'): Processor =>
  processor({
    id: 'test/sum',
    from: itemStream(stream),
    to: { out: itemStream('out') },
    key: ({ key }) => key,
    initial: () => 0,
    fanIn: true,
    step: ({ value, state }) => {
      if (value.n === 13) throw new Error('thirteen');
      return { state: state + value.n, emit: { out: [value] } };
    },
  });

const FOREIGN = { inputIsForeign: true };

describe('a key that takes from several partition keys', () => {
  test('has one state, and a repeat under any of them is known', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1), item('B', 'x', 2), item('A', 'x', 4));
    await engine(summing(), made.ports).process(records);
    const again = await engine(summing(), made.ports).process([...records, delivered(4, item('B', 'x', 8))]);
    expect(again.books).toMatchObject({ in: 4, applied: 1, duplicate: 3 });
    expect(await storedBy(made.store, 'test/sum')).toEqual({ '* x': 15 });
  });

  test('takes from several shards, each with a place of its own', async () => {
    const made = bench();
    const worker = engine(summing(), made.ports, FOREIGN);
    const high = [delivered(900, item('A', 'x', 1), { shard: '0' }), delivered(901, item('B', 'x', 2), { shard: '0' })];
    const low = [delivered(3, item('C', 'x', 4), { shard: '1' }), delivered(4, item('A', 'x', 8), { shard: '1' })];
    for (const records of [high, low, high, low]) await worker.process(records);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 15 });
  });

  test('takes from several shards also where the caller does not know which they are', async () => {
    const made = bench();
    const worker = engine(summing(), made.ports, FOREIGN);
    const first = await worker.process([delivered(50, item('A', 'x', 1))]);
    // Another shard, whose numbers are lower: nothing but the partition key tells that this is no repeat.
    const second = await worker.process([delivered(3, item('B', 'x', 2))]);
    expect([first.books.applied, second.books.applied]).toEqual([1, 1]);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 3 });
  });

  test('has an item that does not grow with the number of partition keys', async () => {
    const made = bench();
    const worker = engine(summing(), made.ports, FOREIGN);
    let sequence = 0;
    const some = (): readonly DeliveredRecord[] =>
      Array.from({ length: 500 }, () => {
        sequence += 1;
        return delivered(sequence, item(`customer-${String(sequence)}`, 'x', 1), {
          shard: sequence % 1000 < 500 ? '0' : '1',
        });
      });
    await worker.process(some());
    await worker.process(some());
    const { largestItemBytes } = await worker.process(some());
    for (let at = 0; at < 5; at += 1) await worker.process(some());
    const last = await worker.process(some());
    expect(last.largestItemBytes).toBeLessThanOrEqual(largestItemBytes + 8);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: sequence });
  });

  test.each(['version', 'arrival', 'timer', 'in'])(
    'takes from a stream of the name %s as from any other',
    async (name) => {
      const made = bench();
      const worker = engine(summing(name), made.ports, FOREIGN);
      const records = batch(item('A', 'x', 1), item('B', 'x', 2));
      await worker.process(records);
      const { books } = await worker.process([...records, delivered(3, item('A', 'x', 4))]);
      expect(books).toMatchObject({ in: 3, duplicate: 2, applied: 1, deadLettered: 0 });
      expect(await stored(made.store, 'test/sum')).toEqual({ x: 7 });
    },
  );
});

test('a batch of more partition keys than a ledger holds is folded with care as well as without', async () => {
  const made = bench();
  const counting = processor({
    id: 'test/sum',
    from: itemStream('in'),
    to: {},
    key: ({ key }) => key,
    initial: () => ({ sum: 0 }),
    fanIn: true,
    step: ({ value, state }) => {
      // Only a fold with care can tell what the state was before this.
      state.sum += value.n;
      if (value.n === 13) throw new Error('thirteen');
      return { state };
    },
  });
  const records = Array.from({ length: 10_000 }, (_, at) =>
    delivered(at, item(`customer-${String(at)}`, 'x', at === 10 ? 13 : 1), { shard: '0' }),
  );
  const { books } = await engine(counting, made.ports, FOREIGN).process(records);
  expect(books).toMatchObject({ in: 10_000, applied: 9_999, deadLettered: 1 });
  expect(await stored(made.store, 'test/sum')).toEqual({ x: { sum: 9_999 } });
});

describe('a batch of a processor whose partition keys share state', () => {
  test('is held as a whole where a delivery is refused, because all of it has one order', async () => {
    const made = bench();
    made.outputs.refuses = ({ partitionKey }) => partitionKey === 'B';
    const records = batch(item('A', 'x', 1), item('B', 'x', 2), item('C', 'y', 4));
    const { held, books } = await engine(summing(), made.ports).process(records);
    expect(held).toMatchObject([{ sequenceNumber: '49000001' }]);
    expect(books).toMatchObject({ in: 3, applied: 0, held: 3 });
    expect(await stored(made.store, 'test/sum')).toEqual({});
    made.outputs.refuses = () => false;
    await engine(summing(), made.ports).process(records);
    expect(await stored(made.store, 'test/sum')).toEqual({ x: 3, y: 4 });
  });

  test.each(['throttled', 'conflict'] as const)(
    'is held from the first record of a key that is %s; other keys are written',
    async (outcome) => {
      const made = bench();
      made.intercept = (key) => (key === 'x' ? outcome : undefined);
      const records = batch(item('C', 'y', 4), item('A', 'x', 1), item('B', 'x', 2), item('B', 'y', 8));
      const { held, books } = await engine(summing(), made.ports).process(records);
      expect(held).toMatchObject([{ partitionKey: 'A', sequenceNumber: '49000002' }]);
      expect(books).toMatchObject({ in: 4, applied: 2, held: 2 });
      made.intercept = () => undefined;
      const retry = await engine(summing(), made.ports).process(records.slice(1));
      expect(retry.books).toMatchObject({ in: 3, applied: 2, duplicate: 1 });
      expect(await stored(made.store, 'test/sum')).toEqual({ x: 3, y: 12 });
    },
  );

  test('makes a dead letter under the partition key of its own record, and emits under it', async () => {
    const made = bench();
    await engine(summing(), made.ports).process(batch(item('A', 'x', 13), item('B', 'x', 2)));
    expect(made.outputs.letters).toMatchObject([{ partitionKey: 'A', lane: 'in@A' }]);
    expect(valuesOf(made, 'out')).toEqual([item('B', 'x', 2)]);
  });
});

test('however the batches of several shards are cut, throttled and repeated, each record is counted once', async () => {
  const shards = ['0', '1', '2'];
  const plan = fc.record({
    records: fc.array(
      fc.record({
        partition: fc.constantFrom('A', 'B', 'C', 'D'),
        key: fc.constantFrom('x', 'y'),
        n: fc.integer({ min: 1, max: 12 }),
      }),
      { minLength: 1, maxLength: 30 },
    ),
    shardOf: fc.array(fc.nat(2), { minLength: 30, maxLength: 30 }),
    rounds: fc.array(
      fc.record({
        shard: fc.nat(2),
        back: fc.nat(3),
        take: fc.integer({ min: 1, max: 6 }),
        throttled: fc.constantFrom('x', 'y', '-', '-'),
      }),
      {
        maxLength: 25,
      },
    ),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ records, shardOf, rounds }) => {
      const made = bench();
      const logs = shards.map((shard, at) =>
        records
          .map((one, index) => ({ one, index }))
          .filter(({ index }) => shardOf[index] === at)
          // Every shard counts on its own.
          .map(({ one }, place) => delivered(place + 1, item(one.partition, one.key, one.n), { shard })),
      );
      const done = [0, 0, 0];
      const run = async (shard: number, from: number, to: number, throttled: string): Promise<void> => {
        made.intercept = (key) => (key === throttled ? 'throttled' : undefined);
        const part = logs[shard]?.slice(from, to) ?? [];
        if (part.length === 0) return;
        const { held } = await engine(summing(), made.ports, FOREIGN).process(part);
        const first = part.findIndex(({ sequenceNumber }) => sequenceNumber === held[0]?.sequenceNumber);
        done[shard] = Math.max(
          done[shard] ?? 0,
          first < 0 ? from + part.length : Math.min(from + first, from + part.length),
        );
      };
      for (const { shard, back, take, throttled } of rounds) {
        const from = Math.max(0, (done[shard] ?? 0) - back);
        await run(shard, from, (done[shard] ?? 0) + take, throttled);
      }
      for (const shard of [0, 1, 2]) await run(shard, done[shard] ?? 0, 100, '-');
      const expected: Record<string, number> = {};
      for (const { key, n } of records) if (n !== 13) expected[key] = (expected[key] ?? 0) + n;
      expect(await stored(made.store, 'test/sum')).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

describe('a state that takes from lanes of another processor, each of which has a place in its ledger', () => {
  const seal = (customer: number, position: string, n: number): DeliveredRecord => {
    const key = `customer-${'x'.repeat(150)}-${String(customer)}`;
    const lane = laneThrough(rootLane('raw', '0~aaaaaaaa', key), 'test/validate');
    const data = sealer('in', lane)(position, 0, `"data":${JSON.stringify(item(key, 'x', n))}`);
    return delivered(customer, data, { partitionKey: key, shard: '0' });
  };
  const some = (from: number, to: number, position = '011'): readonly DeliveredRecord[] =>
    Array.from({ length: to - from }, (_, index) => seal(from + index, position, 1));

  test('takes as many as an item holds; beyond that, new lanes are dead letters and known ones go on, nothing is held', async () => {
    const made = bench();
    const worker = engine(summing(), made.ports);
    let taken = 0;
    let share = 0;
    for (let from = 0; from < 4_000; from += 1_000) {
      const { books, held, largestItemBytes } = await worker.process(some(from, from + 1_000));
      expect(held).toEqual([]);
      expect(books.applied + books.deadLettered).toBe(1_000);
      taken += books.applied;
      // What the edge reports, and warns of at 80 %: it never goes beyond the whole.
      share = Math.max(share, largestItemBytes / MAX_ITEM_BYTES);
    }
    expect(share).toBeGreaterThan(0.98);
    expect(share).toBeLessThan(1);
    expect(taken).toBeGreaterThan(1_500);
    expect(made.outputs.letters).toHaveLength(4_000 - taken);
    expect(made.outputs.letters[0]?.error).toMatch(/the item of state key 'x' would have \d+ bytes, \d of them state/u);

    const known = await worker.process(some(0, 1_000, '012'));
    expect(known.books).toMatchObject({ in: 1_000, applied: 1_000 });
    expect((await worker.process(some(0, 1_000, '012'))).books).toMatchObject({ duplicate: 1_000 });
    expect(await stored(made.store, 'test/sum')).toEqual({ x: taken + 1_000 });
  });
});
