import { expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { processor } from '../../shared/processor/processor.ts';
import { topology } from '../../shared/processor/topology.ts';
import { merged } from '../../shared/stream/merged.ts';
import { stream, type Stream } from '../../shared/stream/stream.ts';
import { testDriver } from '../../shared/testing/test-driver.ts';

interface Movement {
  readonly item: string;
  readonly count: number;
}

const isMovement = (value: unknown): value is Movement =>
  typeof value === 'object' && value !== null && 'item' in value && 'count' in value;

const movements = (name: string): Stream<Movement> =>
  stream(name, { codec: json('movement', isMovement), partitionKey: ({ item }) => item });

test('a processor of a merged stream sees the values of its inputs, and which input each is of', async () => {
  const source = movements('counted');
  const goods = merged('goods', { came: movements('came'), left: movements('left') });
  const stock = movements('stock');
  const arrivals = processor({
    id: 'goods/arrivals',
    from: source,
    to: { came: goods.inputs.came },
    step: ({ value }) => (value.count > 0 ? { emit: { came: [value] } } : { outcome: 'filtered' }),
  });
  const departures = processor({
    id: 'goods/departures',
    from: source,
    to: { left: goods.inputs.left },
    step: ({ value }) =>
      value.count > 0 ? { outcome: 'filtered' } : { emit: { left: [{ ...value, count: -value.count }] } },
  });
  const balance = processor({
    id: 'goods/balance',
    from: goods,
    to: { stock },
    key: ({ item }) => item,
    initial: () => 0,
    step: ({ input, value: { item, count }, state }) => {
      const next = state + (input === 'came' ? count : -count);
      return { state: next, emit: { stock: [{ item, count: next }] } };
    },
  });
  const driver = testDriver(topology('goods', [arrivals, departures, balance]));
  await driver.stream(source).pipe({ item: 'tea', count: 5 }, { item: 'tea', count: -3 }, { item: 'tea', count: 1 });
  expect(driver.stream(stock).read().at(-1)).toEqual({ item: 'tea', count: 3 });
});
