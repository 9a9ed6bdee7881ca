import assert from 'node:assert/strict';
import type { StateStore } from '../state/state-store.ts';
import { itemStoreContract } from './item-store-contract.ts';
import { collect, contentOf, rowAt, rule, write, type ContractRule } from './state-store-rule.ts';

/**
 * The rules of a {@link StateStore} for rows: a row is found by its key alone and belongs to the partition key that wrote it
 * first. Run each on a new, empty store that knows the tables `CONTRACT_TABLES`.
 */
export const rowStoreContract: readonly ContractRule<StateStore>[] = [
  ...itemStoreContract((key) => rowAt(key)),
  rule('a row is found by its key, whatever partition key asks, and says whose it is', async (store) => {
    await store.write([write(rowAt('a', 'US-AZ'), 0, { state: '1' })]);
    const found = await store.load([rowAt('a', 'US-VT'), rowAt('a', 'US-AZ'), rowAt('b', 'US-VT')]);
    assert.deepEqual(
      found.map((item) => item && [item.partitionKey, item.state, item.version]),
      [['US-AZ', '1', 1], ['US-AZ', '1', 1], undefined],
    );
  }),
  rule('of two partition keys that bring a new row one wins, and the other finds the owner', async (store) => {
    const outcomes = await store.write([
      write(rowAt('a', 'US-AZ'), 0, { state: '"az"' }),
      write(rowAt('a', 'US-VT'), 0, { state: '"vt"' }),
      write(rowAt('b', 'US-VT'), 0, { state: '"b"' }),
    ]);
    assert.deepEqual([...outcomes.slice(0, 2)].sort(), ['conflict', 'written']);
    assert.equal(outcomes[2], 'written');
    const [owner, state] = outcomes[0] === 'written' ? ['US-AZ', '"az"'] : ['US-VT', '"vt"'];
    const [fromAz, fromVt] = await store.load([rowAt('a', 'US-AZ'), rowAt('a', 'US-VT')]);
    assert.deepEqual([fromAz?.partitionKey, fromAz?.state], [owner, state]);
    assert.deepEqual(contentOf(fromVt), contentOf(fromAz));
  }),
  rule('a write under another partition key is a conflict though its version is right', async (store) => {
    await store.write([write(rowAt('a', 'US-AZ'), 0, { state: '1' })]);
    assert.deepEqual(await store.write([write(rowAt('a', 'US-VT'), 1, { state: '2' })]), ['conflict']);
    const [row] = await store.load([rowAt('a', 'US-VT')]);
    assert.deepEqual([row?.partitionKey, row?.state, row?.version], ['US-AZ', '1', 1]);
    assert.deepEqual(await store.write([write(rowAt('a', 'US-AZ'), 1, { state: '3' })]), ['written']);
  }),
  rule('a row that was deleted still belongs to its owner', async (store) => {
    await store.write([write(rowAt('a', 'US-AZ'), 0)]);
    await store.write([write(rowAt('a', 'US-AZ'), 1, { state: undefined })]);
    assert.deepEqual(await store.write([write(rowAt('a', 'US-VT'), 0)]), ['conflict']);
    const [row] = await store.load([rowAt('a', 'US-VT')]);
    assert.deepEqual([row?.partitionKey, row?.state], ['US-AZ', undefined]);
  }),
  rule('the same key in another table is another row', async (store) => {
    await store.write([
      write(rowAt('a', 'US-AZ'), 0, { state: '1' }),
      write(rowAt('a', 'US-VT', 'weather-log'), 0, { state: '2' }),
    ]);
    const [one, other] = await store.load([rowAt('a'), rowAt('a', 'US-AZ', 'weather-log')]);
    assert.deepEqual([one?.partitionKey, one?.state, other?.partitionKey, other?.state], ['US-AZ', '1', 'US-VT', '2']);
  }),
  rule('rows come ordered by key, whatever partition key owns them', async (store) => {
    await store.write([
      write(rowAt('c', 'US-AZ'), 0),
      write(rowAt('a', 'US-VT'), 0),
      write(rowAt('b', 'US-CA'), 0),
      write(rowAt('z', 'US-AZ', 'weather-log'), 0),
    ]);
    assert.deepEqual(await collect(store.items('weather-daily')), ['a US-VT', 'b US-CA', 'c US-AZ']);
  }),
];
