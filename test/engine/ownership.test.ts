import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { engine } from '../../shared/engine/engine.ts';
import { aggregate } from '../../shared/processor/aggregate.ts';
import type { Processor } from '../../shared/processor/processor.ts';
import { table } from '../../shared/processor/table.ts';
import { batch, bench, delivered, item, itemStream, storedBy, type Bench } from '../support/engine-bench.ts';

const totals = table(
  'totals',
  json('number', (value): value is number => typeof value === 'number'),
);

const perKey = (fanIn = false): Processor =>
  aggregate({
    id: 'test/totals',
    from: itemStream('in'),
    key: ({ key }) => key,
    as: totals,
    fanIn,
    initial: () => 0,
    add: (sum, { n }) => sum + n,
  });

/** Processes batch after batch, each in a new environment or all in one. */
const inEnvironments = async (
  made: Bench,
  count: 'one' | 'many',
  batches: readonly (readonly ReturnType<typeof delivered>[])[],
) => {
  const only = engine(perKey(), made.ports);
  const results = [];
  for (const records of batches) {
    results.push(await (count === 'one' ? only : engine(perKey(), made.ports)).process(records));
  }
  return results;
};

describe('a row of a table', () => {
  test.each(['one', 'many'] as const)(
    'belongs to the partition key that wrote it first: another one gets a dead letter that names the owner, in %s environment(s)',
    async (count) => {
      const made = bench();
      const [first, second, third] = await inEnvironments(made, count, [
        [delivered(1, item('A', 'x', 1))],
        [delivered(2, item('B', 'x', 2)), delivered(3, item('B', 'y', 4))],
        [delivered(4, item('A', 'x', 8))],
      ]);
      expect(first?.books).toMatchObject({ applied: 1 });
      expect(second?.held).toEqual([]);
      expect(second?.books).toMatchObject({ in: 2, applied: 1, deadLettered: 1 });
      expect(second?.conflicts).toBe(0);
      expect(third?.books).toMatchObject({ applied: 1 });
      expect(made.outputs.letters).toMatchObject([
        { reason: 'step-failed', partitionKey: 'B', sequenceNumber: '49000002' },
      ]);
      expect(made.outputs.letters[0]?.error).toMatch(
        /^processor 'test\/totals': row 'x' of table 'totals' belongs to partition key 'A', so 'B' cannot change it/u,
      );
      expect(await storedBy(made.store, 'totals')).toEqual({ 'A x': 9, 'B y': 4 });
    },
  );

  test('that two partition keys of one batch bring is taken by one of them, and the other gets the dead letter', async () => {
    const made = bench();
    const { books, held } = await engine(perKey(), made.ports).process(
      batch(item('A', 'x', 1), item('B', 'x', 2), item('B', 'z', 4)),
    );
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
    expect(made.outputs.letters.at(-1)).toMatchObject({ partitionKey: 'B' });
    expect(await storedBy(made.store, 'totals')).toEqual({ 'A x': 1, 'B z': 4 });
  });

  test('that belongs to another partition key is not changed by the dead letter, not even in its ledger', async () => {
    const made = bench();
    const rowOf = async () => {
      for await (const one of made.store.items('totals')) return one;
      return undefined;
    };
    await engine(perKey(), made.ports).process([delivered(1, item('A', 'x', 1))]);
    const before = await rowOf();
    await engine(perKey(), made.ports).process([delivered(2, item('B', 'x', 2))]);
    expect(await rowOf()).toEqual(before);
  });

  test('takes from several partition keys where the aggregate says fanIn', async () => {
    const made = bench();
    const { books } = await engine(perKey(true), made.ports).process(batch(item('A', 'x', 1), item('B', 'x', 2)));
    expect(books).toMatchObject({ applied: 2, deadLettered: 0 });
    expect(await storedBy(made.store, 'totals')).toEqual({ '* x': 3 });
  });
});
