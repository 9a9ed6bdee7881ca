import { aggregate, json, processor, stream, table, topology, tumbling, windowed } from 'millrace';

/** What a shop has sold. */
export interface Order {
  readonly shop: string;
  readonly product: string;
  readonly amount: number;
  /** ISO 8601. */
  readonly at: string;
}

/** What of a product was sold. */
export interface Total {
  readonly shop: string;
  readonly product: string;
  readonly orders: number;
  readonly amount: number;
}

/** What of a product was sold in one hour. */
export interface Sales extends Total {
  readonly hour: string;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isOrder = (value: unknown): value is Order =>
  isObject(value) &&
  typeof value.shop === 'string' &&
  typeof value.product === 'string' &&
  typeof value.amount === 'number' &&
  !Number.isNaN(Date.parse(String(value.at)));

const isTotal = (value: unknown): value is Total => isObject(value) && typeof value.orders === 'number';

const isSales = (value: unknown): value is Sales => isTotal(value) && 'hour' in value;

/** A stream is ordered within a partition key: here, within a shop. */
const orderStream = (name: string) =>
  stream(name, {
    codec: json('order', isOrder),
    partitionKey: ({ shop }) => shop,
    eventTimeMs: ({ at }) => Date.parse(at),
  });

export const orders = orderStream('orders');
export const records = orderStream('records');
export const late = orderStream('late-orders');
export const sales = stream('sales', { codec: json('sales', isSales), partitionKey: ({ shop }) => shop });

/** Everything sold of a product, by `shop/product`; readable at any time. */
export const totals = table('totals', json('total', isTotal));

/** A keyed processor: passes on every order that is larger than all before it of its product. */
export const largest = processor({
  id: 'shop/largest',
  from: orders,
  to: { records },
  key: ({ product }) => product,
  initial: () => 0,
  step: ({ state, value }) => (value.amount > state ? { state: value.amount, emit: { records: [value] } } : {}),
});

/** A window: sales by product and hour, once the hour and a grace of five minutes have passed. */
export const hourly = windowed({
  id: 'shop/hourly',
  from: orders,
  to: { sales, late },
  key: ({ product }) => product,
  window: tumbling({ sizeMs: 3_600_000, graceMs: 300_000 }),
  initial: () => ({ orders: 0, amount: 0 }),
  add: (sum, { amount }) => ({ orders: sum.orders + 1, amount: sum.amount + amount }),
  emit: 'final',
  result: (sum, { partitionKey, key, startMs }) => ({
    sales: [{ ...sum, shop: partitionKey, product: key, hour: new Date(startMs).toISOString() }],
  }),
  late: (order) => ({ late: [order] }),
});

/** A table: one row per shop and product, kept up to date. */
export const total = aggregate({
  id: 'shop/total',
  from: orders,
  as: totals,
  key: ({ shop, product }) => `${shop}/${product}`,
  initial: ({ shop, product }) => ({ shop, product, orders: 0, amount: 0 }),
  add: (row, { amount }) => ({ ...row, orders: row.orders + 1, amount: row.amount + amount }),
});

export const shop = topology('shop', [largest, hourly, total]);
