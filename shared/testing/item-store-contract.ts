import assert from 'node:assert/strict';
import type { StateStore } from '../state/state-store.ts';
import { at, collect, rule, write, type ContractRule } from './state-store-rule.ts';

/**
 * The rules of a {@link StateStore} for items that have no timers: what must hold of every collection, also of one whose items
 * are the rows of a table. Run each on a new, empty store.
 */
export const itemStoreContract: readonly ContractRule<StateStore>[] = [
  rule('what was never written is not there', async (store) => {
    assert.deepEqual(await store.load([at('a'), at('b')]), [undefined, undefined]);
  }),
  rule('state and ledger come back as they were written, in the order of the addresses', async (store) => {
    const ledger = { 'raw@US-AZ;validate': '0210', 'other@x/y': '011.012' };
    await store.write([write(at('a'), 0, { state: '"ä\\u0000"', ledger }), write(at('b'), 0)]);
    const [b, none, a] = await store.load([at('b'), at('c'), at('a')]);
    assert.equal(none, undefined);
    assert.deepEqual(a, { ...at('a'), version: 1, state: '"ä\\u0000"', ledger, timerMs: undefined });
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
