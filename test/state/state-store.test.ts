import { DatabaseSync } from 'node:sqlite';
import { describe, test } from '@jest/globals';
import { memoryStore } from '../../shared/state/memory-store.ts';
import { sqliteStore } from '../../shared/state/sqlite-store.ts';
import { rowStoreContract } from '../../shared/testing/row-store-contract.ts';
import { stateStoreContract } from '../../shared/testing/state-store-contract.ts';

const stores = {
  'memory store': memoryStore,
  'SQLite store': () => sqliteStore(new DatabaseSync(':memory:')),
};

describe.each(Object.entries(stores))('%s', (_name, open) => {
  test.each(stateStoreContract)('$rule', async ({ check }) => {
    await check(open());
  });

  test.each(rowStoreContract)('of rows: $rule', async ({ check }) => {
    await check(open());
  });
});
