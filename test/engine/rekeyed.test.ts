import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { engine, type Engine } from '../../shared/engine/engine.ts';
import { processor, type Processor } from '../../shared/processor/processor.ts';
import { tumbling } from '../../shared/processor/windows/tumbling.ts';
import { windowed } from '../../shared/processor/windows/windowed.ts';
import type { DeliveredRecord } from '../../shared/stream/delivered-record.ts';
import { peeker } from '../../shared/stream/envelope.ts';
import { stream } from '../../shared/stream/stream.ts';
import {
  ARRIVAL_MS,
  bench,
  delivered,
  forwarded,
  item,
  itemStream,
  valuesOf,
  type Bench,
  type Item,
} from '../support/engine-bench.ts';

const input = itemStream('in');
const keyed = { ...itemStream('keyed'), partitionKey: ({ key }: Item) => key };
const passed = { ...itemStream('passed'), partitionKey: ({ key }: Item) => key };
const counts = itemStream('counts');
const MINUTE_MS = 60_000;

/** Puts each record under its key. */
const split = processor({
  id: 'test/split',
  from: input,
  to: { keyed },
  step: ({ value }) => ({ emit: { keyed: [value] } }),
});

/** Hands records on under the partition key that they have. */
const pass = processor({
  id: 'test/pass',
  from: keyed,
  to: { passed },
  step: ({ value }) => ({ emit: { passed: [value] } }),
});

/** Counts per key and minute, without grace: whatever comes one millisecond too late is late. */
const count = (from: typeof keyed): Processor =>
  windowed({
    id: 'test/count',
    from,
    to: { counts },
    key: ({ key }) => key,
    window: tumbling({ sizeMs: MINUTE_MS, graceMs: 0 }),
    initial: () => 0,
    add: (n) => n + 1,
    emit: 'final',
    result: (n, { key, partitionKey, startMs }) => ({ counts: [{ lane: partitionKey, key, n, at: startMs }] }),
  });

const FOREIGN = { inputIsForeign: true };

interface Plan {
  /** Records in the order in which they happened; `at` never goes back. */
  readonly items: readonly Item[];
  readonly shards: number;
  readonly batchSize: number;
  readonly readerBatchSize: number;
  readonly environments: 'one' | 'one per batch';
  /** Whether a record has changed its partition key in every shard before. */
  readonly isKnown?: boolean;
  /** Which shard is read next, once each has been read once. */
  readonly turns: readonly number[];
}

/** Runs a plan through a re-key, and answers how many of its records were late at the reader. */
const lateAfter = async (made: Bench, plan: Plan, through: readonly Processor[] = []): Promise<number> => {
  const logs = Array.from({ length: plan.shards }, (_, shard) =>
    plan.items
      .filter(({ lane }) => Number(lane.slice(1)) % plan.shards === shard)
      .map((one, at) => delivered(at + 1, one, { shard: String(shard) })),
  );
  const engines = new Map<Processor, Engine>();
  const worker = (described: Processor): Engine => {
    const known = plan.environments === 'one' ? engines.get(described) : undefined;
    const found = known ?? engine(described, made.ports, described === split ? FOREIGN : undefined);
    engines.set(described, found);
    return found;
  };
  const reader = count(through.length === 0 ? keyed : passed);
  const done = logs.map(() => 0);
  let late = 0;
  const readOn = async (described: Processor, stream: string, from: number): Promise<number> => {
    const records = forwarded(made, stream, { from });
    for (let at = 0; at < records.length; at += plan.readerBatchSize) {
      const { books } = await worker(described).process(records.slice(at, at + plan.readerBatchSize));
      late += books.late;
      expect(books.in).toBe(books.applied + books.late);
    }
    return from + records.length;
  };
  for (let shard = 0; plan.isKnown === true && shard < plan.shards; shard += 1) {
    await worker(split).process([delivered(0, item('before', 'changed', 0, 0), { shard: String(shard) })]);
  }
  const seen = { keyed: 0, passed: 0 };
  const turn = async (shard: number): Promise<void> => {
    const from = done[shard] ?? 0;
    const records = logs[shard]?.slice(from, from + plan.batchSize) ?? [];
    if (records.length === 0) return;
    done[shard] = from + records.length;
    await worker(split).process(records);
    const [hop] = through;
    if (hop === undefined) seen.keyed = await readOn(reader, 'keyed', seen.keyed);
    else {
      seen.keyed = await readOn(hop, 'keyed', seen.keyed);
      seen.passed = await readOn(reader, 'passed', seen.passed);
    }
  };
  for (let shard = 0; shard < plan.shards; shard += 1) await turn(shard);
  for (const shard of plan.turns) await turn(shard % plan.shards);
  const isLeft = (): boolean => logs.some((log, shard) => (done[shard] ?? 0) < log.length);
  while (isLeft()) for (let shard = 0; shard < plan.shards; shard += 1) await turn(shard);
  return late;
};

/** Records in order, some seconds apart, of partitions p0, p1, ... and of keys that `keys` are chosen from. */
const itemsOf = (keys: readonly string[]) =>
  fc
    .array(fc.record({ gap: fc.integer({ min: 0, max: 90 }), partition: fc.nat(15), key: fc.constantFrom(...keys) }), {
      minLength: 1,
      maxLength: 60,
    })
    .map((made) => {
      let at = 0;
      return made.map(({ gap, partition, key }, n) => {
        at += gap;
        return item(`p${String(partition)}`, key, n, at);
      });
    });

const planOf = (keys: readonly string[]) =>
  fc.record({
    items: itemsOf(keys),
    shards: fc.integer({ min: 1, max: 16 }),
    batchSize: fc.integer({ min: 1, max: 70 }),
    readerBatchSize: fc.integer({ min: 1, max: 70 }),
    environments: fc.constantFrom<('one' | 'one per batch')[]>('one', 'one per batch'),
    turns: fc.array(fc.nat(15), { maxLength: 60 }),
  });

describe('a log in order that is put under other partition keys', () => {
  test('has no late record, whatever the shards, the sizes of batches, the turns and the environments', async () => {
    await fc.assert(
      fc.asyncProperty(planOf(['tea', 'milk', 'rye']), async (plan) => {
        expect(await lateAfter(bench(), plan)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('has no late record either where some records keep the partition key they had, once others are known to change', async () => {
    await fc.assert(
      fc.asyncProperty(planOf(['p0', 'p1', 'tea']), async (plan) => {
        expect(await lateAfter(bench(), { ...plan, isKnown: true })).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('has no late record after a processor that hands it on under the same keys', async () => {
    await fc.assert(
      fc.asyncProperty(planOf(['tea', 'milk']), async (plan) => {
        expect(await lateAfter(bench(), plan, [pass])).toBe(0);
      }),
      { numRuns: 80 },
    );
  });

  test.each([1, 2, 7, 100, 400])('has windows that close as it goes on, in batches of %i', async (batchSize) => {
    const made = bench();
    const items = Array.from({ length: 400 }, (_, n) => item(`p${String(n % 4)}`, `k${String(n % 7)}`, n, n * 5));
    const plan: Plan = { items, shards: 4, batchSize, readerBatchSize: 50, environments: 'one per batch', turns: [] };
    expect(await lateAfter(made, plan)).toBe(0);
    const closed = valuesOf(made, 'counts').length;
    // Every window but those of the last batches: all of one batch waits for the next one.
    if (batchSize <= 7) expect(closed).toBeGreaterThan(200);
    await engine(count(keyed), made.ports).sweep('all');
    const values = valuesOf(made, 'counts');
    expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(values.length);
    expect(values.reduce<number>((sum, value) => sum + Number(Reflect.get(Object(value), 'n')), 0)).toBe(400);
  });
});

const promisesOf = ({ outputs }: Bench): readonly (string | undefined)[] =>
  outputs.units.flatMap(({ payloads }) => payloads.map((payload) => knownPromise(peeker('data')(payload)?.watermark)));

/** The beginning of time promises nothing. */
const knownPromise = (watermark: string | undefined): string | undefined =>
  watermark?.startsWith('-271821') === true ? undefined : watermark;

describe('the promise of a record that left under another partition key', () => {
  const at = (
    shard: string,
    sequence: number,
    seconds: number,
    more: Partial<DeliveredRecord> = {},
  ): readonly DeliveredRecord[] => [delivered(sequence, item(`p${shard}`, 'tea', 1, seconds), { shard, ...more })];
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString();

  test('is how far event time had come before its batch, in the shard that has come least far', async () => {
    const made = bench();
    const run = (records: readonly DeliveredRecord[]) => engine(split, made.ports, FOREIGN).process(records);
    await run(at('0', 1, 10));
    await run(at('1', 1, 5));
    await run(at('0', 2, 100));
    await run(at('1', 2, 50));
    await run(at('1', 3, 60));
    // A shard promises nothing before it has finished a batch.
    expect(promisesOf(made)).toEqual([undefined, undefined, time(5), time(5), time(50)]);
  });

  test('does not wait for a shard that has been idle for a quarter of an hour', async () => {
    const made = bench();
    const run = (records: readonly DeliveredRecord[]) => engine(split, made.ports, FOREIGN).process(records);
    await run(at('0', 1, 10));
    await run(at('1', 1, 5));
    made.clockMs += 15 * MINUTE_MS;
    await run(at('0', 2, 100));
    made.clockMs += 1;
    await run(at('0', 3, 200));
    expect(promisesOf(made)).toEqual([undefined, undefined, time(5), time(100)]);
  });

  test('does not count what was held, which is emitted later', async () => {
    const made = bench();
    const run = (records: readonly DeliveredRecord[]) => engine(split, made.ports, FOREIGN).process(records);
    await run(at('0', 1, 10));
    made.outputs.refuses = ({ partitionKey }) => partitionKey === 'rye';
    await run([
      delivered(2, item('p0', 'tea', 1, 20), { shard: '0' }),
      delivered(3, item('p1', 'rye', 1, 30), { shard: '0' }),
      delivered(4, item('p2', 'tea', 1, 40), { shard: '0' }),
    ]);
    made.outputs.refuses = () => false;
    await run([
      delivered(3, item('p1', 'rye', 1, 30), { shard: '0' }),
      delivered(4, item('p2', 'tea', 1, 40), { shard: '0' }),
    ]);
    expect(promisesOf(made)).toEqual([undefined, time(10), time(10), time(20), time(20)]);
  });

  test('is not moved by a record from far ahead of its arrival, nor by what cannot be decoded', async () => {
    const made = bench();
    const run = (records: readonly DeliveredRecord[]) => engine(split, made.ports, FOREIGN).process(records);
    const nowS = ARRIVAL_MS / 1000;
    await run([...at('0', 1, nowS), ...at('0', 2, nowS + 61), delivered(3, '{oops', { shard: '0' })]);
    await run(at('0', 4, nowS + 1));
    expect(promisesOf(made).at(-1)).toBe(time(nowS));
  });

  test('is event time as the output has it, also where the input has none but its arrival', async () => {
    const made = bench();
    const lines = stream('in', { codec: input.codec, partitionKey: ({ lane }: Item) => lane });
    const fromLines = { ...split, from: lines };
    const run = (records: readonly DeliveredRecord[]) => engine(fromLines, made.ports, FOREIGN).process(records);
    await run(at('0', 1, 10));
    await run(at('0', 2, 20));
    await run(at('0', 3, 30));
    expect(promisesOf(made)).toEqual([undefined, time(10), time(20)]);
  });

  test('is not made where partition keys never change: nothing is stored for it', async () => {
    const made = bench();
    const same = { ...split, to: { keyed: itemStream('keyed') } };
    let loads = 0;
    const ports = {
      ...made.ports,
      state: {
        ...made.ports.state,
        load: (addresses: Parameters<typeof made.ports.state.load>[0]) => {
          loads += 1;
          return made.ports.state.load(addresses);
        },
      },
    };
    const worker = engine(same, ports, FOREIGN);
    await worker.process(at('0', 1, 10));
    await worker.process(at('0', 2, 20));
    expect(promisesOf(made)).toEqual([undefined, undefined]);
    expect(loads).toBe(2);
    const items: unknown[] = [];
    for await (const one of made.store.items('test/split:shards')) items.push(one);
    expect(items).toEqual([]);
  });

  test('is also learned by a warm environment when another one changes the first partition key', async () => {
    const made = bench();
    const warm = engine(split, made.ports, FOREIGN);
    const other = engine(split, made.ports, FOREIGN);
    // All that the warm one has seen kept its partition key.
    await warm.process([delivered(1, item('tea', 'tea', 1, 10), { shard: '0' })]);
    await other.process([delivered(1, item('p1', 'tea', 1, 5), { shard: '1' })]);
    await warm.process([delivered(2, item('tea', 'tea', 1, 100), { shard: '0' })]);
    await other.process([delivered(2, item('p1', 'tea', 1, 50), { shard: '1' })]);
    const reader = engine(count(keyed), made.ports);
    const { books } = await reader.process(forwarded(made, 'keyed'));
    expect(books).toMatchObject({ in: 4, late: 0 });
  });
});
