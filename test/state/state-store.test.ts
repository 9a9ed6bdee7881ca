import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memoryStore, type LocalStateStore } from '../../shared/state/memory-store.ts';
import { sqliteStore } from '../../shared/state/sqlite-store.ts';
import type { ConditionalWrite, StoredItem } from '../../shared/state/state-store.ts';
import { localStoreContract } from '../../shared/testing/local-store-contract.ts';
import { rowStoreContract } from '../../shared/testing/row-store-contract.ts';
import { stateStoreContract } from '../../shared/testing/state-store-contract.ts';

const stores: Readonly<Record<string, () => LocalStateStore>> = {
  'memory store': memoryStore,
  'SQLite store': () => sqliteStore(new DatabaseSync(':memory:')),
};

describe.each(Object.entries(stores))('%s', (_name, open) => {
  test.each([...stateStoreContract, ...rowStoreContract, ...localStoreContract])('$rule', async ({ check }) => {
    await check(open());
  });
});

const time = fc.integer({ min: -3, max: 12 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      collection: fc.constantFrom('a', 'b'),
      partitionKey: fc.constantFrom('p', 'q', '7 p'),
      key: fc.constantFrom('x', 'y', ' x'),
      isRow: fc.boolean(),
      isStale: fc.nat({ max: 9 }).map((one) => one === 0),
      state: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
      timerMs: fc.option(time, { nil: undefined }),
      writtenAtMs: time,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      collection: fc.constantFrom('a', 'b'),
      partitionKey: fc.constantFrom('p', 'q'),
      activeAtMs: time,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), beforeMs: time }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Everything a store answers to a step and after it. */
const answerTo = async (store: LocalStateStore, one: Step): Promise<unknown> => {
  if (one.kind === 'forget') return store.forget(one.beforeMs);
  if (one.kind === 'advance') {
    const [progress] = await store.progress(one.collection, [one.partitionKey]);
    return progress === undefined ? 'none' : store.advance([{ ...progress, activeAtMs: one.activeAtMs }]);
  }
  const { partitionKey, key, state, timerMs, writtenAtMs, isStale, isRow } = one;
  const collection = isRow ? `${one.collection} rows` : one.collection;
  const address = { collection, partitionKey, key, ...(isRow && { isRow }) };
  const [before] = await store.load([address]);
  const write: ConditionalWrite = {
    ...address,
    state,
    writtenAtMs,
    timerMs: isRow ? undefined : timerMs,
    expected: (before?.version ?? 0) + (isStale ? 1 : 0),
    ledger: { lane: String(writtenAtMs) },
  };
  return [before, await store.write([write])];
};

const byKey = (a: StoredItem, b: StoredItem): number =>
  `${a.partitionKey}|${a.key}` < `${b.partitionKey}|${b.key}` ? -1 : 1;

const contentOf = async (store: LocalStateStore): Promise<unknown> => {
  const content: unknown[] = [];
  for (const collection of ['a', 'b', 'a rows', 'b rows']) {
    for await (const item of store.items(collection)) content.push(item);
    for (const dueMs of [-Infinity, 0, 5, Infinity]) {
      const partitions = ['p', 'q', '7 p', 'z'].map((partitionKey) => ({ partitionKey, dueMs }));
      content.push([...(await store.due(collection, partitions))].sort(byKey), await store.idle(collection, dueMs));
    }
  }
  return content;
};

test('memory and SQLite answer alike, whatever is written, advanced and forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const memory = memoryStore();
      const sqlite = sqliteStore(new DatabaseSync(':memory:'));
      for (const one of steps) expect(await answerTo(sqlite, one)).toEqual(await answerTo(memory, one));
      expect(await contentOf(sqlite)).toEqual(await contentOf(memory));
    }),
    { numRuns: 100 },
  );
});
