import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { json } from '../../shared/codec/json.ts';
import { text } from '../../shared/codec/text.ts';
import { engine } from '../../shared/engine/engine.ts';
import { describeTopology } from '../../shared/processor/description/describe.ts';
import { processor } from '../../shared/processor/processor.ts';
import { topology } from '../../shared/processor/topology.ts';
import { merged } from '../../shared/stream/merged.ts';
import { redriveLane } from '../../shared/stream/origin.ts';
import { sealer } from '../../shared/stream/envelope.ts';
import { stream } from '../../shared/stream/stream.ts';
import { testDriver } from '../../shared/testing/test-driver.ts';
import { bench, delivered, item, itemStream, storedBy, valuesOf } from '../support/engine-bench.ts';

interface Delivery {
  readonly shop: string;
  readonly boxes: number;
  readonly at: number;
}

const isDelivery = (value: unknown): value is Delivery =>
  typeof value === 'object' && value !== null && 'boxes' in value && typeof value.boxes === 'number';

const sales = itemStream('sales');
const deliveries = stream('deliveries', {
  codec: json('delivery', isDelivery),
  partitionKey: ({ shop }) => shop,
  eventTimeMs: ({ at }) => at,
});
const goods = merged('goods', { sales, deliveries });
const stock = itemStream('stock');

/** What is left of what was delivered: 12 pieces a box, less what was sold. A sale of 13 pieces fails. */
const left = processor({
  id: 'test/stock',
  from: goods,
  to: { stock },
  key: (value, _timeMs, input) => (input === 'sales' && 'key' in value ? value.key : 'box'),
  initial: (): readonly [number, string] => [0, ''],
  step: ({ input, value, state: [count, seen], partitionKey, timeMs }) => {
    if (input === 'deliveries') return { state: [count + 12 * value.boxes, `${seen}d`] as const };
    if (value.n === 13) throw new Error('thirteen');
    const next = [count - value.n, `${seen}s`] as const;
    return { state: next, emit: { stock: [{ lane: partitionKey, key: value.key, n: next[0], at: timeMs }] } };
  },
});

const sale = (sequence: number, key: string, n: number, shop = 'A') =>
  delivered(sequence, JSON.stringify({ input: 'sales', value: item(shop, key, n, sequence) }), { partitionKey: shop });
const delivery = (sequence: number, boxes: unknown, shop = 'A') =>
  delivered(sequence, JSON.stringify({ input: 'deliveries', value: { shop, boxes, at: sequence } }), {
    partitionKey: shop,
  });

describe('a processor of a merged stream', () => {
  test('has the key that each input names, and one order of both under a partition key', async () => {
    const made = bench();
    const { books } = await engine(left, made.ports).process([
      delivery(1, 2),
      sale(2, 'box', 5),
      sale(3, 'bag', 1),
      delivery(4, 1),
      sale(5, 'box', 2, 'B'),
      sale(6, 'box', 7),
    ]);
    expect(books).toMatchObject({ in: 6, applied: 6 });
    expect(await storedBy(made.store, 'test/stock')).toEqual({
      'A box': [24, 'dsds'],
      'A bag': [-1, 's'],
      'B box': [-2, 's'],
    });
    expect(valuesOf(made, 'stock')).toMatchObject([{ n: 19 }, { n: -1 }, { n: 24 }, { n: -2 }]);
  });

  test('is the same however it is cut into batches, repeated, and spread over environments', async () => {
    const records = [delivery(1, 2), sale(2, 'box', 5), delivery(3, 1), sale(4, 'bag', 3), sale(5, 'box', 1)];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), fc.boolean(), async (cuts, isNew) => {
        const made = bench();
        const warm = engine(left, made.ports);
        let from = 0;
        for (const [at, isCut] of cuts.entries()) {
          if (!isCut && at < records.length - 1) continue;
          const environment = isNew ? engine(left, made.ports) : warm;
          // Every batch begins with what the one before it ended with.
          await environment.process(records.slice(Math.max(0, from - 1), at + 1));
          from = at + 1;
        }
        expect(await storedBy(made.store, 'test/stock')).toEqual({ 'A box': [30, 'dsds'], 'A bag': [-3, 's'] });
      }),
    );
  });

  test.each([
    [
      'an input that is not declared',
      { input: 'returns', value: {} },
      /no input 'returns', only 'sales', 'deliveries'/u,
    ],
    ['no input', { value: 1 }, /not a record of merged stream 'goods'/u],
    ['no value', { input: 'sales' }, /not a record of merged stream 'goods'/u],
    ['a value that its input refuses', { input: 'deliveries', value: { boxes: 'two' } }, /not a delivery/u],
    ['a value of the other input', { input: 'sales', value: { shop: 'A', boxes: 1, at: 0 } }, /not a item/u],
    ['the name of what every object has', { input: 'constructor', value: {} }, /no input 'constructor'/u],
  ])('makes a dead letter of a record with %s, and takes its neighbours', async (_, data, error) => {
    const made = bench();
    const { books, held } = await engine(left, made.ports).process([
      delivery(1, 1),
      delivered(2, JSON.stringify(data)),
      sale(3, 'box', 2),
    ]);
    expect(held).toEqual([]);
    expect(books).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
    expect(made.outputs.letters).toMatchObject([
      { reason: 'undecodable', stream: 'goods', sequenceNumber: '49000002' },
    ]);
    expect(made.outputs.letters[0]?.error).toMatch(error);
    expect(await storedBy(made.store, 'test/stock')).toEqual({ 'A box': [10, 'ds'] });
  });

  test('makes a dead letter of a step of one input that fails; given again, it is applied once, as a record of its input', async () => {
    const made = bench();
    const { books } = await engine(left, made.ports).process([delivery(1, 2), sale(2, 'box', 13), delivery(3, 1)]);
    expect(books).toMatchObject({ applied: 2, deadLettered: 1 });
    const [letter] = made.outputs.letters;
    const payload = Buffer.from(letter?.payload ?? '', 'base64').toString();
    const mended = {
      ...left,
      step: (input: Parameters<typeof left.step>[0]) => (input.input === 'sales' ? { state: [0, 'mended'] } : {}),
    };
    const again = sealer('goods', redriveLane('A', 'letter', 'test/stock'))('011', 2_000, `"data":${payload}`);
    for (const outcome of ['applied', 'duplicate']) {
      const redriven = await engine(mended, made.ports).process([delivered(9, again)]);
      expect(redriven.books).toMatchObject({ in: 1, [outcome]: 1 });
    }
    expect(await storedBy(made.store, 'test/stock')).toEqual({ 'A box': [0, 'mended'] });
  });
});

describe('a topology with a merged stream', () => {
  const orders = itemStream('orders');
  const arrivals = stream('arrivals', { codec: text(), partitionKey: () => 'A' });
  const selling = processor({
    id: 'test/sell',
    from: orders,
    to: { sold: goods.inputs.sales },
    step: ({ value }) => ({ emit: { sold: [value] } }),
  });
  const delivering = processor({
    id: 'test/deliver',
    from: arrivals,
    to: { delivered: goods.inputs.deliveries },
    step: ({ value }) => ({ emit: { delivered: [{ shop: 'A', boxes: Number(value), at: 0 }] } }),
  });
  const shop = topology('shop', [left, selling, delivering]);

  test.each(['new', 'warm'] as const)(
    'carries what each processor writes to its input, with environments that are %s',
    async (environments) => {
      const driver = testDriver(shop, { environments });
      await driver.stream(arrivals).pipe('2');
      await driver.stream(orders).pipe(item('A', 'box', 5));
      await driver.stream(arrivals).pipe('1', 'none');
      await driver.stream(orders).pipe(item('A', 'box', 4));
      expect(driver.stream(stock).read()).toMatchObject([{ n: 19 }, { n: 27 }]);
      expect(await driver.state(left, 'box')).toEqual([27, 'dsds']);
      // NaN boxes cannot be written, so nothing of it leaves.
      expect(driver.deadLetters()).toMatchObject([{ processor: 'test/deliver', reason: 'step-failed' }]);
      expect(
        driver
          .stream(goods)
          .read()
          .map(({ input }) => input),
      ).toEqual(['deliveries', 'sales', 'deliveries', 'sales']);
    },
  );

  test('has one physical stream, which is no source, and flows into its reader', () => {
    expect(shop.streams.map(({ name }) => name).sort()).toEqual(['arrivals', 'goods', 'orders', 'stock']);
    expect(shop.sources.map(({ name }) => name).sort()).toEqual(['arrivals', 'orders']);
    expect(shop.processors.at(-1)).toBe(left);
    const described = JSON.stringify(describeTopology(shop));
    expect(described).toContain('"goods"');
    expect(described).not.toMatch(/"sales"|"deliveries"/u);
  });
});

test.each([[{}], [{ sales }]])('fewer than two streams are no merged stream: %j', (inputs) => {
  expect(() => merged('goods', inputs)).toThrow(/^merged stream 'goods' needs at least two streams, got [01]$/u);
});
