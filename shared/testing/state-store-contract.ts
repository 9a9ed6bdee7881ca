import assert from 'node:assert/strict';
import type { StateStore } from '../state/state-store.ts';
import { itemStoreContract } from './item-store-contract.ts';
import { at, collect, contentOf, rule, write, type ContractRule } from './state-store-rule.ts';

/** The rules of {@link StateStore}; run each on a new, empty store. */
export const stateStoreContract: readonly ContractRule<StateStore>[] = [
  ...itemStoreContract((key) => at(key)),
  rule('the same state key in another partition key or collection is another item', async (store) => {
    await store.write([write(at('a'), 0), write(at('a', 'US-VT'), 0), write(at('a', 'US-AZ', 'other'), 0)]);
    await store.write([write(at('a'), 1, { state: '"changed"' })]);
    const [vt, other] = await store.load([at('a', 'US-VT'), at('a', 'US-AZ', 'other')]);
    assert.deepEqual([vt?.state, other?.state], ['{"n":1}', '{"n":1}']);
  }),
  rule('items of a collection come ordered by key, then partition key', async (store) => {
    await store.write([
      write(at('b'), 0),
      write(at('a', 'US-VT'), 0),
      write(at('a', 'US-AZ'), 0),
      write(at('z', 'US-AZ', 'other'), 0),
    ]);
    assert.deepEqual(await collect(store.items('weather/assemble')), ['a US-AZ', 'a US-VT', 'b US-AZ']);
  }),
  rule('a timer comes back as it was written, also before 1970', async (store) => {
    await store.write([write(at('a'), 0, { timerMs: -3_092_601_600_000 }), write(at('b'), 0, { timerMs: 0 })]);
    const [a, b] = await store.load([at('a'), at('b')]);
    assert.deepEqual([a?.timerMs, b?.timerMs], [-3_092_601_600_000, 0]);
  }),
  rule('due answers the items whose timer is at or before the time, partition by partition', async (store) => {
    await store.write([
      write(at('a'), 0, { timerMs: 10 }),
      write(at('b'), 0, { timerMs: 20 }),
      write(at('c'), 0, { timerMs: 21 }),
      write(at('d'), 0),
      write(at('a', 'US-VT'), 0, { timerMs: 10 }),
      write(at('e', 'US-VT'), 0, { timerMs: -10 }),
      write(at('a', 'US-CA'), 0, { timerMs: 10 }),
    ]);
    const due = async (partitions: Readonly<Record<string, number>>): Promise<readonly string[]> => {
      const asked = Object.entries(partitions).map(([partitionKey, dueMs]) => ({ partitionKey, dueMs }));
      const found = await store.due('weather/assemble', asked);
      return found.map(({ partitionKey, key }) => `${partitionKey} ${key}`).sort();
    };
    assert.deepEqual(await due({}), []);
    assert.deepEqual(await due({ 'US-AZ': 9 }), []);
    assert.deepEqual(await due({ 'US-AZ': 20 }), ['US-AZ a', 'US-AZ b']);
    assert.deepEqual(await due({ 'US-AZ': Infinity }), ['US-AZ a', 'US-AZ b', 'US-AZ c']);
    assert.deepEqual(await due({ 'US-AZ': -Infinity }), []);
    assert.deepEqual(await due({ 'US-AZ': 10, 'US-VT': 9, none: 9 }), ['US-AZ a', 'US-VT e']);
  }),
  rule('an item that is due comes with all that is stored of it', async (store) => {
    await store.write([write(at('a'), 0, { timerMs: 10 })]);
    const [item] = await store.due('weather/assemble', [{ partitionKey: 'US-AZ', dueMs: 10 }]);
    assert.deepEqual(contentOf(item), {
      ...at('a'),
      version: 1,
      state: '{"n":1}',
      ledger: { lane: '011' },
      timerMs: 10,
    });
  }),
  rule('a timer that was taken away is not due any more', async (store) => {
    await store.write([write(at('a'), 0, { timerMs: 10 })]);
    await store.write([write(at('a'), 1, { timerMs: undefined })]);
    assert.deepEqual([...(await store.due('weather/assemble', [{ partitionKey: 'US-AZ', dueMs: 100 }]))], []);
  }),
  rule('progress starts before all time, moves under a condition, and is kept apart from items', async (store) => {
    const [start] = await store.progress('weather/assemble', ['US-AZ']);
    assert.ok(start !== undefined);
    assert.deepEqual(start, {
      collection: 'weather/assemble',
      partitionKey: 'US-AZ',
      watermarkMs: -Infinity,
      activeAtMs: -Infinity,
      version: 0,
    });
    assert.deepEqual(await store.advance([{ ...start, activeAtMs: 5 }]), ['written']);
    assert.deepEqual(await store.advance([{ ...start, watermarkMs: 7 }]), ['conflict']);
    assert.deepEqual(await store.advance([{ ...start, watermarkMs: -7, activeAtMs: 6, version: 1 }]), ['written']);
    const [moved] = await store.progress('weather/assemble', ['US-AZ']);
    assert.deepEqual([moved?.watermarkMs, moved?.activeAtMs, moved?.version], [-7, 6, 2]);
    assert.deepEqual(await collect(store.items('weather/assemble')), []);
  }),
  rule('progress of several partitions moves in one call, each under its own condition', async (store) => {
    const [az, vt] = await store.progress('weather/assemble', ['US-AZ', 'US-VT']);
    assert.ok(az !== undefined && vt !== undefined);
    assert.deepEqual(await store.advance([{ ...az, watermarkMs: 1, activeAtMs: 5 }]), ['written']);
    const outcomes = await store.advance([
      { ...az, watermarkMs: 2, activeAtMs: 6 },
      { ...vt, watermarkMs: 3, activeAtMs: 6 },
    ]);
    assert.deepEqual(outcomes, ['conflict', 'written']);
    const after = await store.progress('weather/assemble', ['US-VT', 'US-CA', 'US-AZ']);
    assert.deepEqual(
      after.map(({ partitionKey, watermarkMs, version }) => [partitionKey, watermarkMs, version]),
      [
        ['US-VT', 3, 1],
        ['US-CA', -Infinity, 0],
        ['US-AZ', 1, 1],
      ],
    );
    assert.deepEqual(await store.advance([]), []);
    assert.deepEqual(await store.progress('weather/assemble', []), []);
  }),
  rule(
    'idle answers the partition keys that have a timer and were last active at or before the time',
    async (store) => {
      await store.write([
        write(at('a', 'quiet'), 0, { timerMs: 1 }),
        write(at('a', 'busy'), 0, { timerMs: 1 }),
        write(at('a', 'no timer'), 0),
      ]);
      for (const [partitionKey, activeAtMs] of [
        ['quiet', 10],
        ['busy', 11],
        ['no timer', 1],
      ] as const) {
        const [progress] = await store.progress('weather/assemble', [partitionKey]);
        assert.ok(progress !== undefined);
        await store.advance([{ ...progress, activeAtMs }]);
      }
      assert.deepEqual([...(await store.idle('weather/assemble', 9))], []);
      assert.deepEqual([...(await store.idle('weather/assemble', 10))], ['quiet']);
      assert.deepEqual([...(await store.idle('weather/assemble', Infinity))], ['busy', 'quiet']);
      assert.deepEqual([...(await store.idle('other', Infinity))], []);
    },
  ),
  rule('a partition key that was looked at without a timer is idle as soon as it has one', async (store) => {
    const [start] = await store.progress('weather/assemble', ['US-AZ']);
    assert.ok(start !== undefined);
    await store.advance([{ ...start, activeAtMs: 10 }]);
    assert.deepEqual([...(await store.idle('weather/assemble', 10))], []);
    await store.write([write(at('a'), 0, { timerMs: 1 })]);
    await store.advance([{ ...start, activeAtMs: 20, version: 1 }]);
    assert.deepEqual([...(await store.idle('weather/assemble', 20))], ['US-AZ']);
    await store.write([write(at('a'), 1, { timerMs: undefined })]);
    assert.deepEqual([...(await store.idle('weather/assemble', 20))], []);
  }),
];
