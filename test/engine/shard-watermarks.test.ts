import { describe, expect, test } from '@jest/globals';
import { engine } from '../../shared/engine/engine.ts';
import { processor } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import { peeker } from '../../shared/stream/envelope.ts';
import {
  bench,
  delivered,
  forwarded,
  item,
  itemStream,
  stored,
  type Bench,
  type Item,
} from '../support/engine-bench.ts';

const input = itemStream('in');
const keyed = { ...itemStream('keyed'), partitionKey: ({ key }: Item) => key };
const MINUTE_MS = 60_000;
const FOREIGN = { inputIsForeign: true };

/** Puts each record under its key. */
const split = processor({
  id: 'test/split',
  from: input,
  to: { keyed },
  step: ({ value }) => ({ emit: { keyed: [value] } }),
});

const lastPromise = ({ outputs }: Bench): string | undefined =>
  peeker('data')(outputs.units.at(-1)?.payloads.at(-1) ?? '')?.watermark;

describe('the shards of a processor that changes partition keys', () => {
  test('are registered also where another environment registers its own at the same time', async () => {
    const made = bench();
    let attempts = 0;
    made.intercept = (key) => {
      if (key !== 'shards') return undefined;
      attempts += 1;
      return attempts === 1 ? 'conflict' : undefined;
    };
    await engine(split, made.ports, FOREIGN).process([delivered(1, item('p', 'tea', 1, 10), { shard: '0' })]);
    made.intercept = () => undefined;
    await engine(split, made.ports, FOREIGN).process([delivered(1, item('p', 'tea', 1, 5), { shard: '1' })]);
    expect([attempts, await stored(made.store, 'test/split:shards')]).toEqual([2, { shards: ['0', '1'] }]);
  });

  test('are registered by the next batch where the store throttles', async () => {
    const made = bench();
    let attempts = 0;
    made.intercept = (key) => {
      if (key !== 'shards') return undefined;
      attempts += 1;
      return 'throttled';
    };
    const { held } = await engine(split, made.ports, FOREIGN).process([delivered(1, item('p', 'tea', 1, 10))]);
    expect([held, attempts, await stored(made.store, 'test/split:shards')]).toEqual([[], 1, {}]);
    made.intercept = () => undefined;
    await engine(split, made.ports, FOREIGN).process([delivered(2, item('p', 'tea', 1, 20))]);
    expect(await stored(made.store, 'test/split:shards')).toEqual({ shards: ['unknown'] });
  });

  test.each([
    ['named', { shard: '0' }],
    ['not named', {}],
  ])('hold event time back in their own batches, however long they were idle: a shard that is %s', async (_, of) => {
    const made = bench();
    await engine(split, made.ports, FOREIGN).process([delivered(1, item('p', 'tea', 1, 10), of)]);
    made.clockMs += 60 * MINUTE_MS;
    await engine(split, made.ports, FOREIGN).process([delivered(2, item('p', 'tea', 1, 100), of)]);
    expect(lastPromise(made)).toBe('1970-01-01T00:00:10.000Z');
  });
});

test('a processor that writes no stream has no shards to remember', async () => {
  const made = bench();
  const silent = processor({ id: 'test/silent', from: input, to: {}, step: () => ({}) });
  const worker = engine(silent, made.ports, FOREIGN);
  await worker.process([delivered(1, item('p', 'tea', 1, 10), { shard: '0' })]);
  await worker.process([delivered(2, item('p', 'tea', 1, 20), { shard: '0' })]);
  expect(await stored(made.store, 'test/silent:shards')).toEqual({});
});

test('a record under another partition key that carries no promise does not move event time', async () => {
  const made = bench();
  const same = { ...split, to: { keyed: itemStream('keyed') } };
  await engine(same, made.ports, FOREIGN).process([
    delivered(1, item('p', 'tea', 1, 600)),
    delivered(2, item('p', 'tea', 1, 0)),
  ]);
  const count = windowed({
    id: 'test/count',
    from: keyed,
    to: {},
    key: ({ key }) => key,
    window: tumbling({ sizeMs: MINUTE_MS, graceMs: 0 }),
    initial: () => 0,
    add: (n) => n + 1,
    emit: 'final',
    result: () => ({}),
  });
  const records = forwarded(made, 'keyed');
  expect(lastPromise(made)).toBeUndefined();
  const other = await engine(count, made.ports).process(records.map((one) => ({ ...one, partitionKey: 'tea' })));
  expect(other.books).toMatchObject({ applied: 2, late: 0 });
  // Under the key they had, the first one does.
  expect((await engine(count, made.ports).process(records)).books).toMatchObject({ applied: 1, late: 1 });
});
