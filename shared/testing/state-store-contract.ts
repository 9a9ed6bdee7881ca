import assert from 'node:assert/strict';
import type { ConditionalWrite, StateAddress, StateStore, StoredItem } from '../state/state-store.ts';

/** One rule that every implementation of a port must keep, and a check of it on one that was just made. */
export interface ContractRule<Subject> {
  readonly rule: string;
  readonly check: (subject: Subject) => Promise<void>;
}

const rule = (text: string, check: (store: StateStore) => Promise<void>): ContractRule<StateStore> => ({
  rule: text,
  check,
});

const at = (key: string, partitionKey = 'US-AZ', collection = 'weather/assemble'): StateAddress => ({
  collection,
  partitionKey,
  key,
});

const write = (address: StateAddress, expected: number, item: Partial<ConditionalWrite> = {}): ConditionalWrite => ({
  ...address,
  expected,
  state: '{"n":1}',
  ledger: { lane: '011' },
  timerMs: undefined,
  ...item,
});

const collect = async (items: AsyncIterable<StoredItem>): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { key, partitionKey } of items) keys.push(`${key} ${partitionKey}`);
  return keys;
};

/** The rules of {@link StateStore}; run each on a new, empty store. */
export const stateStoreContract: readonly ContractRule<StateStore>[] = [
  rule('what was never written is not there', async (store) => {
    assert.deepEqual(await store.load([at('a'), at('b')]), [undefined, undefined]);
  }),
  rule('state, ledger and timer come back as they were written, in the order of the addresses', async (store) => {
    const ledger = { 'raw@US-AZ;validate': '0210', 'other@x/y': '011.012' };
    await store.write([
      write(at('a'), 0, { state: '"ä\\u0000"', ledger, timerMs: -3_092_601_600_000 }),
      write(at('b'), 0),
    ]);
    const [b, none, a] = await store.load([at('b'), at('c'), at('a')]);
    assert.equal(none, undefined);
    assert.deepEqual(a, { ...at('a'), version: 1, state: '"ä\\u0000"', ledger, timerMs: -3_092_601_600_000 });
    assert.equal(b?.key, 'b');
  }),
  rule('a key may have a ledger and no state', async (store) => {
    await store.write([write(at('a'), 0, { state: undefined })]);
    const [a] = await store.load([at('a')]);
    assert.equal(a?.state, undefined);
    assert.deepEqual(a?.ledger, { lane: '011' });
  }),
  rule('a write based on a stale read is a conflict and changes nothing', async (store) => {
    assert.deepEqual(await store.write([write(at('a'), 0)]), ['written']);
    assert.deepEqual(await store.write([write(at('a'), 1, { state: '2' })]), ['written']);
    assert.deepEqual(await store.write([write(at('a'), 1, { state: '3' }), write(at('a2'), 4)]), [
      'conflict',
      'conflict',
    ]);
    const [a, a2] = await store.load([at('a'), at('a2')]);
    assert.deepEqual([a?.state, a?.version, a2], ['2', 2, undefined]);
  }),
  rule('the first write of a key is a conflict if somebody else made it first', async (store) => {
    await store.write([write(at('a'), 0)]);
    assert.deepEqual(await store.write([write(at('a'), 0)]), ['conflict']);
  }),
  rule('one conflict in a call does not keep the other writes back', async (store) => {
    await store.write([write(at('a'), 0)]);
    assert.deepEqual(await store.write([write(at('a'), 0), write(at('b'), 0)]), ['conflict', 'written']);
  }),
  rule('the same state key in another partition key or collection is another item', async (store) => {
    await store.write([write(at('a'), 0), write(at('a', 'US-VT'), 0), write(at('a', 'US-AZ', 'other'), 0)]);
    await store.write([write(at('a'), 1, { state: '"changed"' })]);
    const [vt, other] = await store.load([at('a', 'US-VT'), at('a', 'US-AZ', 'other')]);
    assert.deepEqual([vt?.state, other?.state], ['{"n":1}', '{"n":1}']);
  }),
  rule('due gives the items whose timer is at or before the time, of one partition key only', async (store) => {
    await store.write([
      write(at('a'), 0, { timerMs: 10 }),
      write(at('b'), 0, { timerMs: 20 }),
      write(at('c'), 0, { timerMs: 21 }),
      write(at('d'), 0),
      write(at('e', 'US-VT'), 0, { timerMs: 10 }),
    ]);
    const keys = async (dueMs: number): Promise<readonly string[]> =>
      Array.from(await store.due('weather/assemble', 'US-AZ', dueMs), ({ key }) => key).sort();
    assert.deepEqual(await keys(9), []);
    assert.deepEqual(await keys(20), ['a', 'b']);
    assert.deepEqual(await keys(Infinity), ['a', 'b', 'c']);
    assert.deepEqual(await keys(-Infinity), []);
  }),
  rule('a timer that was taken away is not due any more', async (store) => {
    await store.write([write(at('a'), 0, { timerMs: 10 })]);
    await store.write([write(at('a'), 1, { timerMs: undefined })]);
    assert.equal((await store.due('weather/assemble', 'US-AZ', 100)).length, 0);
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
    assert.equal(await store.advance({ ...start, activeAtMs: 5 }), 'written');
    assert.equal(await store.advance({ ...start, watermarkMs: 7 }), 'conflict');
    assert.equal(await store.advance({ ...start, watermarkMs: -7, activeAtMs: 6, version: 1 }), 'written');
    const [moved] = await store.progress('weather/assemble', ['US-AZ']);
    assert.deepEqual([moved?.watermarkMs, moved?.activeAtMs, moved?.version], [-7, 6, 2]);
    assert.deepEqual(await collect(store.items('weather/assemble')), []);
  }),
  rule('idle gives the partition keys that have a timer and were last active at or before the time', async (store) => {
    await store.write([
      write(at('a', 'quiet'), 0, { timerMs: 1 }),
      write(at('a', 'busy'), 0, { timerMs: 1 }),
      write(at('a', 'no timer'), 0),
      write(at('a', 'never seen'), 0, { timerMs: 1 }),
    ]);
    for (const [partitionKey, activeAtMs] of [
      ['quiet', 10],
      ['busy', 11],
      ['no timer', 1],
    ] as const) {
      const [progress] = await store.progress('weather/assemble', [partitionKey]);
      assert.ok(progress !== undefined);
      await store.advance({ ...progress, activeAtMs });
    }
    assert.deepEqual([...(await store.idle('weather/assemble', 10))], ['never seen', 'quiet']);
    assert.deepEqual([...(await store.idle('weather/assemble', Infinity))], ['busy', 'never seen', 'quiet']);
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
];
