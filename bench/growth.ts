/*
 * How the cost of a record grows with open windows per key, shards, lanes of a fan-in, partition keys per batch, and state keys
 * with timers beyond the warm cache. Each is measured at N and at 4 N through the embedded runtime in memory, after the records
 * that fill it. The ideal ratio of processor time per record is 1.
 *
 *   npm run bench -- growth        (MILLRACE_BENCH_ROUNDS, default 3)
 */
import Table from 'cli-table3';
import {
  json,
  localRuntime,
  memoryStorage,
  processor,
  stream,
  topology,
  tumbling,
  windowed,
  type Processor,
  type Stream,
} from '../shared/index.ts';
import { median } from './support/compare.ts';

const ROUNDS = Number(process.env['MILLRACE_BENCH_ROUNDS'] ?? 3);
const GROWTH = 4;
const MEASURED_RECORDS = 40_000;
const CYCLE_RECORDS = 20_000;
const NOW_MS = Date.UTC(2030, 0, 1);
const DAY_MS = 86_400_000;

interface Item {
  readonly lane: string;
  readonly key: string;
  readonly at: number;
}

const isItem = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && 'lane' in value && 'key' in value && 'at' in value;

const itemStream = (name: string): Stream<Item> =>
  stream(name, {
    codec: json('item', isItem),
    partitionKey: ({ lane }) => lane,
    eventTimeMs: ({ at }) => at,
  });

const items = itemStream('items');
const results = itemStream('results');

/** One way to grow. */
interface Growth {
  readonly what: string;
  /** N; the other size is {@link GROWTH} times as large. */
  readonly size: number;
  readonly processorOf: (size: number) => Processor;
  readonly itemAt: (index: number, size: number) => Item;
  /** Records before anything is measured. */
  readonly fill: (size: number) => number;
  readonly shards?: (size: number) => number;
}

const KEYS = 20;
const FAN_IN_KEYS = 101;
const LANES = 1000;

const count = {
  initial: () => ({ count: 0 }),
  step: ({ state }: { readonly state: { readonly count: number } }) => ({ state: { count: state.count + 1 } }),
};

const counter = (fanIn = false): Processor =>
  processor({ id: 'growth/count', from: items, to: {}, key: ({ key }) => key, fanIn, ...count });

const GROWTHS: readonly Growth[] = [
  {
    what: 'open windows per key',
    size: 250,
    processorOf: (size) =>
      windowed({
        id: 'growth/windows',
        from: items,
        to: { results },
        key: ({ key }) => key,
        window: tumbling({ sizeMs: 1000, graceMs: size * 1000 }),
        initial: () => 0,
        add: (sum) => sum + 1,
        emit: 'final',
        result: (_sum, { key, startMs }) => ({ results: [{ lane: key, key, at: startMs }] }),
      }),
    itemAt: (index) => ({
      lane: `lane-${index % KEYS}`,
      key: `key-${index % KEYS}`,
      at: Math.floor(index / KEYS) * 1000,
    }),
    fill: (size) => size * KEYS,
  },
  {
    what: 'shards',
    size: 1000,
    processorOf: () => counter(),
    itemAt: (index) => ({ lane: `lane-${index % LANES}`, key: `key-${index % LANES}`, at: index }),
    fill: () => CYCLE_RECORDS,
    shards: (size) => size,
  },
  {
    what: 'lanes of a fan-in',
    size: 250,
    processorOf: () => counter(true),
    itemAt: (index, size) => ({
      lane: `lane-${index % size}`,
      key: `key-${Math.floor(index / size) % FAN_IN_KEYS}`,
      at: index,
    }),
    fill: (size) => size * FAN_IN_KEYS,
  },
  {
    what: 'partition keys per batch',
    size: 2500,
    processorOf: () => counter(),
    itemAt: (index, size) => ({ lane: `lane-${index % size}`, key: `key-${index % size}`, at: index }),
    fill: () => CYCLE_RECORDS,
  },
  {
    what: 'state keys with timers',
    size: 10_000,
    processorOf: () =>
      processor({
        id: 'growth/timers',
        from: items,
        to: {},
        key: ({ key }) => key,
        initial: () => ({ count: 0 }),
        timers: { graceMs: 365 * DAY_MS, idleAfterMs: DAY_MS, whenIdle: 'fire-all' },
        step: ({ state, timeMs }) => ({ state: { count: state.count + 1 }, timerMs: timeMs + 1000 }),
        onTimer: () => ({}),
      }),
    // Neighbours in time are far from each other, so that a cache of less than all keys is of no use.
    itemAt: (index, size) => ({ lane: `lane-${index % 10}`, key: `key-${(index * 7919) % size}`, at: index }),
    fill: (size) => size,
  },
];

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Processor time per record, in microseconds. */
const measure = async (growth: Growth, size: number): Promise<number> => {
  const storage = memoryStorage();
  const runtime = localRuntime({
    topology: topology('growth', [growth.processorOf(size)]),
    storage,
    nowMs: () => NOW_MS,
    shards: growth.shards?.(size) ?? 4,
  });
  let next = 0;
  const take = async (records: number): Promise<number> => {
    let tookMs = 0;
    for (const end = next + records; next < end;) {
      const batch = Array.from({ length: Math.min(CYCLE_RECORDS, end - next) }, () => growth.itemAt(next++, size));
      const byLane = Map.groupBy(batch, ({ lane }) => lane);
      const payloads = [...byLane].map(([lane, of]) => ({ lane, texts: of.map((item) => JSON.stringify(item)) }));
      const startedMs = cpuMs();
      await storage.transaction(async () => {
        for (const { lane, texts } of payloads) runtime.produce(items.name, lane, texts);
        await runtime.drain();
        runtime.checkpoint();
      });
      runtime.trim();
      tookMs += cpuMs() - startedMs;
    }
    return tookMs;
  };
  try {
    await take(growth.fill(size));
    const tookMs = await take(MEASURED_RECORDS);
    for (const books of runtime.books().values()) {
      if (books.in !== books.applied) throw new Error(`${growth.what}: not all was applied: ${JSON.stringify(books)}`);
    }
    return (tookMs * 1000) / MEASURED_RECORDS;
  } finally {
    storage.close();
  }
};

const table = new Table({
  head: ['growth of', 'N', '4 N', 'µs/record at N', 'at 4 N', 'ratio'],
  colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
});
for (const growth of GROWTHS) {
  const large = growth.size * GROWTH;
  // What is not compiled yet would make the first one look slow.
  await measure(growth, growth.size);
  const rounds: (readonly [small: number, large: number])[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push([await measure(growth, growth.size), await measure(growth, large)]);
  }
  table.push([
    growth.what,
    growth.size.toLocaleString('en'),
    large.toLocaleString('en'),
    median(rounds.map(([at]) => at)).toFixed(2),
    median(rounds.map(([, at]) => at)).toFixed(2),
    median(rounds.map(([small, at]) => at / small)).toFixed(2),
  ]);
}
console.log(table.toString());
