import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from '@jest/globals';
import { isDeadLetter } from '../../shared/engine/dead-letter.ts';
import { packed } from '../../shared/codec/packed.ts';
import { localOutputs } from '../../shared/runtime/local/local-outputs.ts';
import { memoryStorage, sqliteStorage, type LocalStorage } from '../../shared/runtime/local/local-storage.ts';
import { outputPortContract, type ObservedOutputs } from '../../shared/testing/output-port-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-outputs-'));
const open: LocalStorage[] = [];
afterAll(() => {
  for (const storage of open) storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const EVERYTHING = { records: Number.MAX_SAFE_INTEGER, bytes: Infinity };

const storages: Readonly<Record<string, () => LocalStorage>> = {
  memory: memoryStorage,
  SQLite: () => sqliteStorage(join(folder, `${String(open.length)}.sqlite`)),
};

const observed = (make: () => LocalStorage): ObservedOutputs => {
  const storage = make();
  open.push(storage);
  const { log, database } = storage;
  for (const stream of ['one', 'two']) log.createStream(stream, { shards: 3 });
  const outputs = localOutputs(database, (stream, key, payloads) => {
    log.put(stream, packed(key, payloads), 0);
  });
  return {
    outputs,
    records: (stream) =>
      Promise.resolve(log.shards(stream).flatMap(({ shardId }) => log.read(stream, shardId, undefined, EVERYTHING))),
    messages: () =>
      Promise.resolve(Array.from(outputs.messages(0), ({ notification, message }) => ({ notification, message }))),
    letters: () =>
      Promise.resolve(Array.from(outputs.deadLetters(), (text): unknown => JSON.parse(text)).filter(isDeadLetter)),
  };
};

describe.each(Object.entries(storages))('outputs of a local run in %s', (_name, make) => {
  test.each(outputPortContract)('$rule', async ({ check }) => {
    await check(observed(make));
  });
});
