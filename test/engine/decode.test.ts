import { describe, expect, test } from '@jest/globals';
import { json } from '../../shared/codec/json.ts';
import { text } from '../../shared/codec/text.ts';
import { engine } from '../../shared/engine/engine.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { stream, type Stream } from '../../shared/stream/stream.ts';
import { batch, bench, delivered, emitted, item, itemStream, stored, type Item } from '../support/engine-bench.ts';

const passing = (from: Stream<Item>): Processor =>
  processor({
    id: 'test/pass',
    from,
    to: { out: itemStream('out') },
    step: ({ value }) => ({ emit: { out: [value] } }),
  });

describe('a record that cannot be decoded', () => {
  test('is a dead letter with its bytes, and the rest of the partition goes on', async () => {
    const { ports, outputs } = bench();
    const { books } = await engine(passing(itemStream('in')), ports).process(batch('{oops', item('A', 'x', 1), '[]'));
    expect(books).toMatchObject({ in: 3, applied: 1, deadLettered: 2 });
    expect(outputs.letters).toMatchObject([
      {
        reason: 'undecodable',
        error: expect.stringMatching(/^not JSON/u),
        payload: Buffer.from('{oops').toString('base64'),
      },
      { reason: 'undecodable', error: 'not a item', sequenceNumber: '49000003', partitionKey: 'A', lane: 'in@A' },
    ]);
    expect(emitted(outputs, 'out')).toHaveLength(1);
  });

  test('is one whose bytes are not UTF-8, which are not replaced', async () => {
    const { ports, outputs } = bench();
    const lines = processor({
      id: 'test/lines',
      from: stream('in', { codec: text(), partitionKey: () => 'A' }),
      to: {},
      step: () => ({}),
    });
    const { books } = await engine(lines, ports, { inputIsForeign: true }).process([
      delivered(1, '', { data: Uint8Array.of(0x5a, 0xfc, 0x72, 0x69, 0x63, 0x68) }),
      delivered(2, '', { data: Uint8Array.of(0x1f, 0x8b, 8, 0, 0) }),
    ]);
    expect(books).toMatchObject({ deadLettered: 2 });
    expect(outputs.letters.map(({ reason }) => reason)).toEqual(['undecodable', 'undecodable']);
    expect(outputs.letters[1]?.error).toMatch(/gzip/iu);
  });

  test('is one whose codec throws', async () => {
    const { ports, outputs } = bench();
    const base = itemStream('in');
    const codec = {
      ...base.codec,
      decode: (payload: Uint8Array | string) => {
        const decoded = base.codec.decode(payload);
        if (decoded.kind === 'value' && decoded.value.n === 13) throw new Error('thirteen');
        return decoded;
      },
    };
    const { books } = await engine(passing({ ...base, codec }), ports, { inputIsForeign: true }).process(
      batch(item('A', 'x', 13), item('A', 'x', 1)),
    );
    expect(books).toMatchObject({ applied: 1, deadLettered: 1 });
    expect(outputs.letters[0]?.error).toBe('decoding threw: thirteen');
  });

  test.each<[string, (value: Item) => number]>([
    [
      'throws',
      () => {
        throw new Error('no clock');
      },
    ],
    ['is NaN', () => NaN],
    ['is a fraction', () => 0.5],
    ['is beyond what a Date holds', () => 8_640_000_000_000_001],
    ['is the very end of what a Date holds, where a window would have no room', () => 8_640_000_000_000_000],
  ])('is one whose event time %s', async (_, eventTimeMs) => {
    const { ports, outputs } = bench();
    const from = {
      ...itemStream('in'),
      eventTimeMs: (value: Item) => (value.n === 13 ? eventTimeMs(value) : value.at),
    };
    const { books } = await engine(passing(from), ports).process(batch(item('A', 'x', 13), item('A', 'x', 1)));
    expect(books).toMatchObject({ applied: 1, deadLettered: 1 });
    expect(outputs.letters[0]).toMatchObject({ reason: 'undecodable', error: expect.stringMatching(/event time/u) });
  });

  test('of a source that names no event time has the time it arrived', async () => {
    const { ports } = bench();
    const seen: number[] = [];
    const untimed = processor({
      id: 'test/untimed',
      from: stream('in', {
        codec: json('value', (value): value is unknown => value !== undefined),
        partitionKey: () => 'A',
      }),
      to: {},
      step: ({ timeMs }) => {
        seen.push(timeMs);
        return {};
      },
    });
    await engine(untimed, ports, { inputIsForeign: true }).process([delivered(1, '1', { arrivalMs: 1234 })]);
    expect(seen).toEqual([1234]);
  });
});

describe('a codec that must load something', () => {
  const slow = (prepare: () => Promise<void>): Processor => {
    const base = itemStream('in');
    return processor({
      id: 'test/sum',
      from: { ...base, codec: { ...base.codec, prepare } },
      to: {},
      key: ({ key }) => key,
      initial: () => 0,
      step: ({ value, state }) => ({ state: state + value.n }),
    });
  };

  test('has loaded it before the first record is decoded, and once', async () => {
    const { ports, store } = bench();
    let loads = 0;
    const worker = engine(
      slow(() =>
        Promise.resolve().then(() => {
          loads += 1;
        }),
      ),
      ports,
    );
    await worker.process(batch(item('A', 'x', 1)));
    await worker.process([delivered(2, item('A', 'x', 2))]);
    expect(loads).toBe(1);
    expect(await stored(store, 'test/sum')).toEqual({ x: 3 });
  });

  test('and cannot fails the batch, not its records; the next batch tries again', async () => {
    const { ports, outputs } = bench();
    let isDown = true;
    const worker = engine(
      slow(() => (isDown ? Promise.reject(new Error('registry down')) : Promise.resolve())),
      ports,
    );
    await expect(worker.process(batch(item('A', 'x', 1)))).rejects.toThrow('registry down');
    isDown = false;
    expect((await worker.process(batch(item('A', 'x', 1)))).books).toMatchObject({ applied: 1 });
    expect(outputs.letters).toEqual([]);
  });
});

test('a record of a merged stream comes with the name of the stream it belongs to, and its own value', async () => {
  const { ports, store } = bench();
  const sales = itemStream('sales');
  const seen: unknown[] = [];
  const joined = processor({
    id: 'test/join',
    from: stream('goods', {
      codec: json('tagged', (value): value is unknown => typeof value === 'object'),
      partitionKey: () => 'A',
    }),
    to: {},
    key: (value, _timeMs, input) => `${input ?? 'none'}-${String(Reflect.get(Object(value), 'key'))}`,
    initial: () => 0,
    step: ({ input, value, key }) => {
      seen.push([input, value, key]);
      return { state: 1 };
    },
  });
  const merged = { ...joined, from: { ...joined.from, inputs: { sales } } };
  await engine(merged, ports, { inputIsForeign: true }).process([
    delivered(1, JSON.stringify({ input: 'sales', value: item('A', 'x', 1) })),
  ]);
  expect(seen).toEqual([['sales', item('A', 'x', 1), 'sales-x']]);
  expect(await stored(store, 'test/join')).toEqual({ 'sales-x': 1 });
});
