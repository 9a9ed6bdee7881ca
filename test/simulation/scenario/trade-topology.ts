import { json } from '../../../shared/codec/json.ts';
import { processor, type Processor } from '../../../shared/processor/processor.ts';
import { table, type Table } from '../../../shared/processor/table.ts';
import { topology, type Topology } from '../../../shared/processor/topology.ts';
import type { Code } from './scenario.ts';
import { absence, absenceCounter, perHour } from './trade-in-time.ts';
import {
  checkedSales,
  joined,
  merged,
  numbered,
  productSales,
  Quantity,
  refusals,
  runningTotals,
  sales,
  sightings,
  type Fact,
  type Sale,
} from './trade-streams.ts';

/** What the weather pipeline lacks: a re-key, fan-in, a diamond, held partitions, updates, time-outs. */
export const tradeTopology = (code: Code): Topology =>
  topology('trade', [
    check,
    byProduct,
    productTotals,
    everywhere,
    left,
    right,
    join,
    numbers(code),
    perHour,
    absence,
    absenceCounter,
  ]);

const factOf = (what: string, { location, product, atMs }: Sale, number: number): Fact => ({
  what,
  location,
  product,
  atMs,
  number,
});

const placeAndProduct = ({ location, product }: Pick<Sale, 'location' | 'product'>): string => `${location}/${product}`;

const check = processor({
  id: 'trade/check',
  from: sales,
  to: { checked: checkedSales, refusals },
  step: ({ value: sale }) => {
    if (sale.quantity === Quantity.BreaksCheck) throw new Error('a bug in a step');
    if (sale.quantity === Quantity.Nothing) return { outcome: 'filtered' };
    if (sale.quantity === Quantity.Negative)
      return { outcome: 'invalid', emit: { refusals: [factOf('negative', sale, sale.id)] } };
    return { emit: { checked: [sale] } };
  },
});

const byProduct = processor({
  id: 'trade/by-product',
  from: checkedSales,
  to: { productSales },
  step: ({ value }) => ({ emit: { productSales: [value] } }),
});

interface Total {
  readonly sum: number;
  readonly sales: number;
}

const totalTable = (name: string): Table<Total> =>
  table(
    name,
    json('total', (value): value is Total => typeof value === 'object' && value !== null && 'sum' in value),
  );

/** One key of many lanes under one partition key: sums commute, the running total on the way to them does not. */
const productTotals = processor({
  id: 'trade/product-totals',
  from: productSales,
  to: { runningTotals },
  key: ({ product, quantity }) => {
    if (quantity === Quantity.BreaksKey) throw new Error('a bug in a key');
    return product;
  },
  initial: (): Total => ({ sum: 0, sales: 0 }),
  as: totalTable('product-totals'),
  step: ({ value: sale, state }) => {
    const sum = state.sum + sale.quantity;
    return {
      state: { sum, sales: state.sales + 1 },
      emit: { runningTotals: [factOf(`total after ${String(sale.id)}`, sale, sum)] },
    };
  },
});

/** One key that several partition keys bring. What it emits must not depend on the state, which has no one order. */
const everywhere = processor({
  id: 'trade/everywhere',
  from: checkedSales,
  to: { sightings },
  key: ({ product }) => product,
  initial: (): Total => ({ sum: 0, sales: 0 }),
  as: totalTable('everywhere'),
  fanIn: true,
  step: ({ value: sale, state }) => ({
    state: { sum: state.sum + sale.quantity, sales: state.sales + 1 },
    emit: { sightings: [factOf('seen', sale, sale.id)] },
  }),
});

const left = processor({
  id: 'trade/left',
  from: checkedSales,
  to: { merged },
  step: ({ value: sale }) => ({
    emit: {
      merged: [factOf('left', sale, sale.id), ...(sale.quantity > 5 ? [factOf('left again', sale, sale.id)] : [])],
    },
  }),
});

const right = processor({
  id: 'trade/right',
  from: checkedSales,
  to: { merged },
  step: ({ value: sale }) => (sale.id % 3 === 0 ? {} : { emit: { merged: [factOf('right', sale, sale.id)] } }),
});

/** How many came from each side, and whether one of them came out of order. Each side alone has an order. */
interface Sides {
  readonly counts: Readonly<Record<string, number>>;
  readonly newest: Readonly<Record<string, number>>;
}

const join = processor({
  id: 'trade/join',
  from: merged,
  to: { joined },
  key: (fact) => placeAndProduct(fact),
  initial: (): Sides => ({ counts: {}, newest: {} }),
  step: ({ value: fact, state }) => {
    const { what, number } = fact;
    const count = (state.counts[what] ?? 0) + 1;
    const isInOrder = number > (state.newest[what] ?? -1);
    return {
      state: {
        counts: sorted({ ...state.counts, [what]: count }),
        newest: sorted({ ...state.newest, [what]: number }),
      },
      emit: { joined: [{ ...fact, what: `${what} ${String(number)}${isInOrder ? '' : ' late'}`, number: count }] },
    };
  },
});

const sorted = (values: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)));

/** Numbers the sales of a product and location; a record whose step throws holds its partition until the fix comes. */
const numbers = (code: Code): Processor =>
  processor({
    id: 'trade/numbers',
    from: checkedSales,
    to: { numbered },
    onFault: 'hold',
    key: (sale) => placeAndProduct(sale),
    initial: () => 0,
    step: ({ value: sale, state }) => {
      if (sale.quantity === Quantity.Held && !code.isFixed) throw new Error('a bug that is fixed later');
      return { state: state + 1, emit: { numbered: [factOf(`number of ${String(sale.id)}`, sale, state + 1)] } };
    },
  });
