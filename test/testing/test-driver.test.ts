import { expect, test } from '@jest/globals';
import { processor } from '../../shared/processor/processor.ts';
import { topology } from '../../shared/processor/topology.ts';
import type { Stream } from '../../shared/stream/stream.ts';
import { testDriver } from '../../shared/testing/test-driver.ts';
import { item, itemStream, type Item } from '../support/engine-bench.ts';

const HOUR_MS = 3_600_000;
const input = itemStream('in');

/** Sums, and holds on 13 for as long as it is asked to. */
const holding = processor({
  id: 'test/hold',
  from: input,
  to: {},
  onFault: 'hold',
  key: ({ key }) => key,
  initial: () => 0,
  step: ({ value, state }) => {
    if (value.n === 13) throw new Error('thirteen');
    return { state: state + value.n };
  },
});

test.each([
  ['kind', { reading: 'kind' }],
  ['unkind', { reading: 'unkind' }],
] as const)(
  'a record that is held for good is retried without limit until it is as old as its stream allows, then it is given up; what AWS leaves open read as %s',
  async (_, mapping) => {
    const driver = testDriver(topology('held', [holding]), { mapping });
    const startMs = driver.nowMs();
    await driver.stream(input).pipe(item('A', 'x', 13), item('A', 'x', 1), item('B', 'y', 2));
    // A stream keeps records for a day; an hour of it is left for the letter. Where all fails, the clock goes by hours.
    expect((driver.nowMs() - startMs) / HOUR_MS).toBeGreaterThan(23);
    expect((driver.nowMs() - startMs) / HOUR_MS).toBeLessThan(26);
    // What waited for it in its partition is as old by then.
    expect(driver.deadLetters().map(({ reason, partitionKey }) => [reason, partitionKey])).toEqual([
      ['given-up', 'A'],
      ['given-up', 'A'],
    ]);
    expect(await driver.state(holding, 'y')).toBe(2);
    await driver.stream(input).pipe(item('A', 'x', 4));
    expect(await driver.state(holding, 'x')).toBe(4);
  },
);

test('siblings that have ids of their own are each read once, whichever order their ids have', async () => {
  const out: Stream<Item> = { ...itemStream('out'), idOf: ({ key }) => key };
  const fanning = processor({
    id: 'test/fan',
    from: input,
    to: { out },
    step: ({ value }) => ({ emit: { out: ['a', 'b', 'c', 'd', 'e'].map((key) => ({ ...value, key })) } }),
  });
  const driver = testDriver(topology('fanned', [fanning]));
  await driver.stream(input).pipe(item('A', 'x', 1), item('A', 'x', 2));
  expect(
    driver
      .stream(out)
      .read()
      .map(({ key, n }) => `${key}${String(n)}`),
  ).toEqual([1, 2].flatMap((n) => ['a', 'b', 'c', 'd', 'e'].map((key) => `${key}${String(n)}`)));
});
