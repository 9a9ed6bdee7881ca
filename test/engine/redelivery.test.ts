import { describe, expect, test } from '@jest/globals';
import { missing } from '../../shared/engine/books.ts';
import { engine } from '../../shared/engine/engine.ts';
import { processor } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';
import { batch, bench, delivered, emitted, item, itemStream, stored } from '../support/engine-bench.ts';

const input = itemStream('in');
const output = itemStream('out');
const late = itemStream('late');

const perMinute = windowed({
  id: 'test/per-minute',
  from: input,
  to: { output, late },
  key: ({ key }) => key,
  window: tumbling({ sizeMs: 60_000, graceMs: 30_000 }),
  initial: () => 0,
  add: (sum, { n }) => sum + n,
  emit: 'final',
  result: (n, { key, partitionKey, startMs }) => ({ output: [{ lane: partitionKey, key, n, at: startMs }] }),
  late: (value) => ({ late: [value] }),
});

/** Numbers the records of a key; n = 13 throws until the fix is there. */
const numbering = (code: { readonly isFixed: boolean }): ReturnType<typeof processor> =>
  processor({
    id: 'test/number',
    from: input,
    to: { output },
    onFault: 'hold',
    key: ({ key }) => key,
    initial: () => 0,
    step: ({ value, state }) => {
      if (value.n === 13 && !code.isFixed) throw new Error('thirteen');
      return { state: state + 1, emit: { output: [{ ...value, at: state + 1 }] } };
    },
  });

/** What a mapping delivers next. */
const from = (records: readonly DeliveredRecord[], sequenceNumber: string | undefined): readonly DeliveredRecord[] =>
  sequenceNumber === undefined ? [] : records.filter((record) => record.sequenceNumber >= sequenceNumber);

describe('where a partition is written in part, what moves its event time comes again', () => {
  test('a record that was late stays late when its key is throttled', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1, 500), item('A', 'y', 2, 1));
    made.intercept = (key) => (key === 'y@0/60000' ? 'throttled' : undefined);
    const { held, books } = await engine(perMinute, made.ports).process(records);
    expect(held.map(({ sequenceNumber }) => sequenceNumber)).toEqual([records[0]?.sequenceNumber]);
    expect(books).toMatchObject({ in: 2, applied: 1, held: 1 });

    made.intercept = () => undefined;
    const retry = await engine(perMinute, made.ports).process(from(records, held[0]?.sequenceNumber));
    expect(retry.books).toMatchObject({ in: 2, duplicate: 1, late: 1 });
    expect(await stored(made.store, 'test/per-minute')).toEqual({ 'x@480000/540000': 1, 'y@0/60000': null });
  });

  test('a closing of a key that is not in the batch, when it is throttled', async () => {
    const made = bench();
    await engine(perMinute, made.ports).process([delivered(1, item('A', 'x', 1, 10))]);
    const closing = [delivered(2, item('A', 'y', 1, 500))];
    made.intercept = (key) => (key === 'x@0/60000' ? 'throttled' : undefined);
    const { held, books } = await engine(perMinute, made.ports).process(closing);
    expect(held.map(({ sequenceNumber }) => sequenceNumber)).toEqual([closing[0]?.sequenceNumber]);
    // What was written stays in its column: the books say where a record went, not what is delivered again.
    expect(books).toMatchObject({ in: 1, applied: 1, held: 0 });
    expect(missing(books)).toBe(0);

    made.intercept = () => undefined;
    await engine(perMinute, made.ports).process(closing);
    const afterwards = await engine(perMinute, made.ports).process([delivered(3, item('A', 'z', 1, 20))]);
    expect(afterwards.books).toMatchObject({ late: 1 });
  });
});

describe('a partition that is held by a step', () => {
  test('stays held from that record on when a key of it is folded again', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1), item('A', 'y', 13), item('A', 'x', 2));
    let isFirst = true;
    made.intercept = (key) => {
      const answer = key === 'x' && isFirst ? 'conflict' : undefined;
      isFirst = false;
      return answer;
    };
    const { held, books } = await engine(numbering({ isFixed: false }), made.ports).process(records);
    expect(held.map(({ sequenceNumber }) => sequenceNumber)).toEqual([records[1]?.sequenceNumber]);
    expect(books).toMatchObject({ in: 3, applied: 1, held: 2 });

    await engine(numbering({ isFixed: true }), made.ports).process(from(records, held[0]?.sequenceNumber));
    // In the order of their lane: one that overtook the held record would make it a repeat.
    const positions = emitted(made.outputs, 'out').map(({ origin }) => origin);
    expect([...new Set(positions)]).toEqual([...new Set(positions)].sort());
  });
});

describe('books', () => {
  test('keep in its column what was written before the partition was held', async () => {
    const made = bench();
    const records = batch(item('A', 'x', 1), item('A', 'y', 2));
    let puts = 0;
    made.outputs.refuses = () => {
      puts += 1;
      return puts > 2;
    };
    made.intercept = (key) => (key === 'y' && puts <= 2 ? 'conflict' : undefined);
    const { books } = await engine(numbering({ isFixed: true }), made.ports).process(records);
    expect(books).toMatchObject({ in: 2, applied: 1, held: 1 });

    made.outputs.refuses = () => false;
    const retry = await engine(numbering({ isFixed: true }), made.ports).process(records);
    expect(retry.books).toMatchObject({ in: 2, duplicate: 1, applied: 1 });
  });
});
