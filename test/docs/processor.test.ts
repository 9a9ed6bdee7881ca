import { expect, test } from '@jest/globals';
// begin
import { aggregate, json, processor, rowOf, stream, table, topology } from '../../shared/index.ts';
// end
import { testDriver } from '../../shared/testing.ts';

// begin
interface Order {
  readonly customer: string;
  readonly amount: number;
}
const isOrder = (value: unknown): value is Order => typeof value === 'object' && value !== null && 'amount' in value;

const orders = stream('orders', {
  codec: json('order', isOrder),
  partitionKey: ({ customer }) => customer,
});
const refused = stream('refused', { codec: json('order', isOrder), partitionKey: ({ customer }) => customer });
const accepted = stream('accepted', { codec: json('order', isOrder), partitionKey: ({ customer }) => customer });
// end

// begin
const check = processor({
  id: 'shop/check',
  from: orders,
  to: { accepted, refused },
  step: ({ value }) =>
    value.amount > 0 ? { emit: { accepted: [value] } } : { outcome: 'invalid', emit: { refused: [value] } },
});
// end

// begin
const limits = table(
  'limits',
  json('limit', (value): value is number => typeof value === 'number'),
);

const watch = processor({
  id: 'shop/watch',
  from: accepted,
  to: { refused },
  tables: { limit: rowOf(limits, ({ customer }: Order) => customer) },
  key: ({ customer }) => customer,
  initial: () => 0, // spent so far, per customer
  step: ({ state, value, tables }) => {
    const spent = state + value.amount;
    return spent > (tables.limit ?? Infinity) ? { emit: { refused: [value] } } : { state: spent };
  },
});
// end

// begin
const spent = table(
  'spent',
  json('sum', (value): value is number => typeof value === 'number'),
);

const sum = aggregate({
  id: 'shop/sum',
  from: accepted,
  as: spent,
  key: ({ customer }) => customer,
  initial: () => 0,
  add: (row, { amount }) => row + amount,
});
// end

test('processors without state, with state and with a table do what the page says', async () => {
  const driver = testDriver(topology('shop', [check, watch, sum]), { tables: { limits: new Map([['a', 10]]) } });
  const order = (amount: number): Order => ({ customer: 'a', amount });
  await driver.stream(orders).pipe(order(-1), order(7), order(8));
  expect(driver.stream(refused).read()).toEqual([order(-1), order(8)]);
  expect(await driver.table(spent)).toEqual(new Map([['a', 15]]));
  expect(driver.books(check)).toMatchObject({ in: 3, applied: 2, invalid: 1 });
});
