/** Where a new pipeline imports from, and what its test runs on. */
export interface Surroundings {
  /** The library, from `functions/<name>/` and from `functions/<name>/handlers/`. */
  readonly library: string;
  readonly lambda: string;
  /** The test driver, from `test/functions/<name>/`. */
  readonly testing: string;
  readonly testRunner: '@jest/globals' | 'node:test';
}

/** A file to be written: its path from the project's root, and its text. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** The name of the constant that holds a pipeline: of `page-views` it is `pageViewsPipeline`. */
export const constantOf = (name: string): string =>
  `${name.replaceAll(/-([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase())}Pipeline`;

/** The files of a small pipeline that works: totals of a stream of orders, as a table. */
export const pipelineFiles = (
  name: string,
  { library, lambda, testing, testRunner }: Surroundings,
): readonly NewFile[] => {
  const constant = constantOf(name);
  return [
    {
      path: `functions/${name}/pipeline.ts`,
      text: `import { aggregate, demo, json, pipeline, stream, table, topology, wholeNumber } from '${library}';

/** What comes in: one JSON document a line. */
export interface Order {
  readonly customer: string;
  readonly amount: number;
}

/** What is known of a customer. */
export interface Total {
  readonly orders: number;
  readonly amount: number;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isOrder = (value: unknown): value is Order =>
  isObject(value) &&
  'customer' in value &&
  typeof value.customer === 'string' &&
  'amount' in value &&
  typeof value.amount === 'number';

/** Orders as they arrive. The partition key decides what stays in order. */
export const orders = stream('${name}-incoming', {
  codec: json('order', isOrder),
  partitionKey: ({ customer }) => customer,
});

/** Totals by customer, readable while it runs. */
export const totals = table(
  '${name}-totals',
  json('total', (value): value is Total => isObject(value) && 'orders' in value && 'amount' in value),
);

/** Adds up the orders of each customer; an order that is delivered twice counts once. */
export const total = aggregate({
  id: '${name}/total', // stable: state hangs on it
  from: orders,
  key: ({ customer }) => customer,
  as: totals,
  initial: (): Total => ({ orders: 0, amount: 0 }),
  add: (sum, { amount }) => ({ orders: sum.orders + 1, amount: sum.amount + amount }),
});

const CUSTOMERS = ['ann', 'ben', 'cho', 'dev'];

export const ${constant} = pipeline({
  topology: topology('${name}', [total]),
  about: 'totals of orders by customer',
  demo: demo({
    options: { orders: wholeNumber({ min: 1, max: 1_000_000, default: 20_000, help: 'generated orders' }) },
    data: ({ orders: count }) => ({
      title: \`\${String(count)} generated orders\`,
      steps: count,
      recordsOf: (step) => [JSON.stringify({ customer: CUSTOMERS[step % CUSTOMERS.length], amount: 1 + (step % 7) })],
    }),
  }),
});
`,
    },
    {
      path: `functions/${name}/handlers/total.ts`,
      text: `import { lambda } from '${lambda}';
import { total } from '../pipeline.ts';

export const handler = lambda(total);
`,
    },
    {
      path: `test/functions/${name}/pipeline.test.ts`,
      text: `import assert from 'node:assert/strict';
import { test } from '${testRunner}';
import { ${constant}, orders, total, totals } from '../../../functions/${name}/pipeline.ts';
import { crash, testDriver } from '${testing}';

test('orders of a customer are added up once, also where a write crashes', async () => {
  const driver = testDriver(${constant}.topology({}));
  await driver
    .stream(orders)
    .pipe({ customer: 'ann', amount: 2 }, crash(total, 'write'), { customer: 'ann', amount: 3 });
  await driver.stream(orders).pipe({ customer: 'ben', amount: 5 });
  assert.deepEqual(Object.fromEntries(await driver.table(totals)), {
    ann: { orders: 2, amount: 5 },
    ben: { orders: 1, amount: 5 },
  });
});
`,
    },
  ];
};

/** The config with a pipeline more; undefined where its text is not plain enough to be edited. */
export const withPipeline = (config: string, name: string, library: string): string | undefined => {
  const constant = constantOf(name);
  const line = `import { ${constant} } from './functions/${name}/pipeline.ts';\n`;
  if (config === '') {
    return `${line}import { defineConfig } from '${library}';\n\nexport default defineConfig({ pipelines: [${constant}] });\n`;
  }
  const lists = [...config.matchAll(/pipelines: \[([\w\s,]*)\]/gu)];
  const [list] = lists;
  if (list === undefined || lists.length > 1) return undefined;
  const names = (list[1] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return line + config.replace(list[0], `pipelines: [${[...names, constant].join(', ')}]`);
};
