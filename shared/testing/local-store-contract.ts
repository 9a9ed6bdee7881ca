import assert from 'node:assert/strict';
import { itemBytes } from '../state/item-bytes.ts';
import type { LocalStateStore } from '../state/memory-store.ts';
import { MAX_ITEM_BYTES, type ConditionalWrite, type StateAddress } from '../state/state-store.ts';
import { at, collect, write, type ContractRule } from './state-store-rule.ts';

const rule = (text: string, check: (store: LocalStateStore) => Promise<void>): ContractRule<LocalStateStore> => ({
  rule: text,
  check,
});

/** A row of a table, asked for or written by a partition key. */
const row = (key: string, partitionKey = 'US-AZ'): StateAddress => ({
  ...at(key, partitionKey, 'latest'),
  isRow: true,
});

const tombstone = (address: StateAddress, writtenAtMs: number, expected = 0): ConditionalWrite =>
  write(address, expected, { state: undefined, writtenAtMs });

/** A write whose item has exactly this many bytes. */
const sized = (address: StateAddress, bytes: number): ConditionalWrite => {
  const empty = write(address, 0, { state: '', writtenAtMs: 0 });
  return { ...empty, state: 'x'.repeat(bytes - itemBytes(empty)) };
};

/** What the stores of this process keep beside the rules of every store; run each on a new, empty one. */
export const localStoreContract: readonly ContractRule<LocalStateStore>[] = [
  rule('a row is found by its key alone, and names its owner', async (store) => {
    assert.deepEqual(await store.write([write(row('a', 'US-VT'), 0, { writtenAtMs: 0 })]), ['written']);
    const [found, none] = await store.load([row('a', 'US-AZ'), row('b')]);
    assert.deepEqual(found, {
      ...row('a', 'US-VT'),
      version: 1,
      state: '{"n":1}',
      ledger: { lane: '011' },
      timerMs: undefined,
    });
    assert.equal(none, undefined);
  }),
  rule('another partition key cannot write a row, whatever version it names', async (store) => {
    await store.write([write(row('a', 'US-VT'), 0, { writtenAtMs: 0 })]);
    for (const expected of [0, 1, 2]) {
      assert.deepEqual(await store.write([write(row('a', 'US-AZ'), expected, { state: '2', writtenAtMs: 0 })]), [
        'conflict',
      ]);
    }
    assert.deepEqual(await store.write([write(row('a', 'US-VT'), 1, { state: '3', writtenAtMs: 0 })]), ['written']);
    const [found] = await store.load([row('a')]);
    assert.deepEqual([found?.partitionKey, found?.state, found?.version], ['US-VT', '3', 2]);
  }),
  rule('a deleted row still belongs to its owner', async (store) => {
    await store.write([tombstone(row('a', 'US-VT'), 5)]);
    assert.deepEqual(await store.write([write(row('a', 'US-AZ'), 1, { writtenAtMs: 6 })]), ['conflict']);
  }),
  rule('rows come in the order of their keys', async (store) => {
    await store.write(['c', 'a', 'b'].map((key, index) => write(row(key, String(9 - index)), 0, { writtenAtMs: 0 })));
    assert.deepEqual(await collect(store.items('latest')), ['a 8', 'b 7', 'c 9']);
  }),
  rule('a row with a timer is refused with the mend', async (store) => {
    await assert.rejects(
      async () => store.write([write(row('a'), 0, { timerMs: 1, writtenAtMs: 0 })]),
      /a row of table 'latest' has a timer/,
    );
  }),
  rule('an item takes 400 KB with names and keys, and not a byte more', async (store) => {
    assert.deepEqual(await store.write([sized(at('a'), MAX_ITEM_BYTES), sized(at('b'), MAX_ITEM_BYTES + 1)]), [
      'written',
      'too-large',
    ]);
  }),
  rule('a ledger counts too, and what is too large changes nothing', async (store) => {
    await store.write([write(at('a'), 0, { writtenAtMs: 0 })]);
    const ledger = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, n) => [`lane-${'x'.repeat(80)}${String(n)}`, '1']),
    );
    assert.deepEqual(await store.write([write(at('a'), 1, { ledger, writtenAtMs: 0 })]), ['too-large']);
    const [item] = await store.load([at('a')]);
    assert.deepEqual([item?.version, item?.ledger], [1, { lane: '011' }]);
  }),
  rule('only items without state and timer that were written before are forgotten', async (store) => {
    await store.write([
      tombstone(at('old'), 10),
      tombstone(at('young'), 20),
      tombstone(row('row'), 10),
      { ...tombstone(at('timer'), 10), timerMs: 5 },
      write(at('state'), 0, { writtenAtMs: 10 }),
    ]);
    assert.equal(store.forget(10), 0);
    assert.equal(store.forget(11), 2);
    assert.equal(store.forget(11), 0);
    const left = await store.load([at('old'), at('young'), row('row'), at('timer'), at('state')]);
    assert.deepEqual(
      left.map((item) => item?.key),
      [undefined, 'young', undefined, 'timer', 'state'],
    );
    assert.deepEqual(await store.write([write(at('old'), 0, { writtenAtMs: 12 })]), ['written']);
  }),
  rule('an item that got its state back is not forgotten, and one that lost it again is', async (store) => {
    await store.write([tombstone(at('a'), 1)]);
    await store.write([write(at('a'), 1, { writtenAtMs: 2 })]);
    assert.equal(store.forget(100), 0);
    await store.write([tombstone(at('a'), 50, 2)]);
    assert.equal(store.forget(50), 0);
    assert.equal(store.forget(51), 1);
  }),
];
