import assert from 'node:assert/strict';
import { MAX_ITEM_BYTES, type StateAddress, type StateStore } from '../state/state-store.ts';
import { contentOf, rule, write, type ContractRule } from './state-store-rule.ts';

/**
 * The rules of a {@link StateStore} that hold of every collection, also of one whose items are the rows of a table; `at` makes
 * its addresses. Run each on a new, empty store.
 */
export const itemStoreContract = (at: (key: string) => StateAddress): readonly ContractRule<StateStore>[] => [
  rule('what was never written does not exist', async (store) => {
    assert.deepEqual(await store.load([at('a'), at('b')]), [undefined, undefined]);
  }),
  rule('state and ledger come back as they were written, in the order of the addresses', async (store) => {
    const ledger = { 'raw@US-AZ;validate': '0210', 'other@x/y': '011.012' };
    await store.write([write(at('a'), 0, { state: '"ä\\u0000"', ledger }), write(at('b'), 0)]);
    const [b, none, a] = await store.load([at('b'), at('c'), at('a')]);
    assert.equal(none, undefined);
    const { collection, partitionKey, key } = at('a');
    const expected = { collection, partitionKey, key, version: 1, state: '"ä\\u0000"', ledger, timerMs: undefined };
    assert.deepEqual(contentOf(a), expected);
    assert.equal(b?.key, 'b');
  }),
  rule('a ledger may name any lane, also one that objects know already', async (store) => {
    const ledger = Object.fromEntries(['__proto__', 'constructor', 'toString'].map((lane) => [lane, '01']));
    await store.write([write(at('a'), 0, { ledger })]);
    const [a] = await store.load([at('a')]);
    assert.deepEqual(a && Object.entries(a.ledger).sort(), Object.entries(ledger).sort());
  }),
  rule('a key may have a ledger and no state', async (store) => {
    await store.write([write(at('a'), 0, { state: undefined })]);
    const [a] = await store.load([at('a')]);
    assert.deepEqual([a?.state, a?.ledger, a?.version], [undefined, { lane: '011' }, 1]);
  }),
  rule('deleting state keeps the ledger, and the item is listed without state', async (store) => {
    await store.write([write(at('a'), 0), write(at('b'), 0)]);
    assert.deepEqual(await store.write([write(at('a'), 1, { state: undefined, ledger: { lane: '012' } })]), [
      'written',
    ]);
    const [a] = await store.load([at('a')]);
    assert.deepEqual([a?.state, a?.ledger, a?.version], [undefined, { lane: '012' }, 2]);
    const listed: unknown[] = [];
    for await (const { key, state } of store.items(at('a').collection)) listed.push([key, state]);
    assert.deepEqual(listed, [
      ['a', undefined],
      ['b', '{"n":1}'],
    ]);
    assert.deepEqual(await store.write([write(at('a'), 2, { state: '2' })]), ['written']);
  }),
  rule('an item is written again and again, each time on the version that was read', async (store) => {
    for (let version = 0; version < 4; version++) {
      assert.deepEqual(await store.write([write(at('a'), version, { state: String(version) })]), ['written']);
      const [a] = await store.load([at('a')]);
      assert.deepEqual([a?.version, a?.state], [version + 1, String(version)]);
    }
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
  rule('the first write of a key is a conflict if another writer made it first', async (store) => {
    await store.write([write(at('a'), 0)]);
    assert.deepEqual(await store.write([write(at('a'), 0)]), ['conflict']);
  }),
  rule('one conflict in a call keeps no other write back', async (store) => {
    await store.write([write(at('a'), 0)]);
    assert.deepEqual(await store.write([write(at('a'), 0), write(at('b'), 0)]), ['conflict', 'written']);
  }),
  rule('an item above the limit is too large, nothing of it is stored, and its neighbours are', async (store) => {
    const fits = `"${'x'.repeat(MAX_ITEM_BYTES - 2_000)}"`;
    assert.deepEqual(
      await store.write([
        write(at('fits'), 0, { state: fits }),
        write(at('state'), 0, { state: `"${'x'.repeat(MAX_ITEM_BYTES)}"` }),
        write(at('outside of ASCII'), 0, { state: `"${'ä'.repeat(MAX_ITEM_BYTES / 2)}"` }),
        write(at('ledger'), 0, { ledger: { [`lane@${'x'.repeat(MAX_ITEM_BYTES)}`]: '011' } }),
        write(at('small'), 0),
      ]),
      ['written', 'too-large', 'too-large', 'too-large', 'written'],
    );
    const keys = ['fits', 'state', 'outside of ASCII', 'ledger', 'small'];
    const found = await store.load(keys.map(at));
    assert.deepEqual(
      found.map((item) => item?.state?.length),
      [fits.length, undefined, undefined, undefined, 7],
    );
  }),
  rule('an item that grows above the limit stays as it was', async (store) => {
    await store.write([write(at('a'), 0)]);
    assert.deepEqual(await store.write([write(at('a'), 1, { state: `"${'x'.repeat(MAX_ITEM_BYTES)}"` })]), [
      'too-large',
    ]);
    const [a] = await store.load([at('a')]);
    assert.deepEqual([a?.state, a?.version], ['{"n":1}', 1]);
  }),
];
