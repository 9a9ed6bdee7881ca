import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { NotificationDelivery } from '../../../shared/engine/ports.ts';
import { localOutputs, type LocalOutputs } from '../../../shared/runtime/local/local-outputs.ts';
import { MemoryLog } from '../../../shared/runtime/local/log/memory-log.ts';

const opened = (): { readonly log: MemoryLog; readonly outputs: LocalOutputs } => {
  const log = new MemoryLog();
  log.createStream('one', { shards: 1 });
  const outputs = localOutputs(new DatabaseSync(':memory:'), (stream, partitionKey, payloads) => {
    log.put(
      stream,
      payloads.map((payload) => ({ partitionKey, data: Buffer.from(payload) })),
      0,
    );
  });
  return { log, outputs };
};

const mail = (ids: readonly string[], recipient = 'ann', notification = 'mail'): NotificationDelivery => ({
  kind: 'notification',
  notification,
  recipient,
  items: ids.map((id) => ({ id, value: id })),
  digest: (values) => ({ id: 'same', to: `${recipient}@example.org`, subject: 'Frost', text: values.join(' ') }),
});

const sent = (outputs: LocalOutputs): readonly string[] =>
  Array.from(outputs.messages(0), ({ notification, message }) => `${notification} ${message.to} ${message.text}`);

test('items that were sent are left out, and the digest is made of the others', async () => {
  const { outputs } = opened();
  await outputs.deliver([mail(['1', '2'])]);
  expect(await outputs.deliver([mail(['1', '2', '3']), mail(['2', '3'])])).toEqual(['delivered', 'delivered']);
  expect(sent(outputs)).toEqual(['mail ann 1 2', 'mail ann 3']);
});

test('another recipient and another notification have items of their own', async () => {
  const { outputs } = opened();
  await outputs.deliver([mail(['1']), mail(['1'], 'bob'), mail(['1'], 'ann', 'page')]);
  expect(sent(outputs)).toEqual(['mail ann 1', 'mail bob 1', 'page ann 1']);
});

test('names that would join to the same text do not collide', async () => {
  const { outputs } = opened();
  await outputs.deliver([mail(['c'], 'a b', 'x'), mail(['c'], 'b', 'x a'), mail(['b c'], 'a', 'x')]);
  expect(sent(outputs)).toHaveLength(3);
});

test('however batches are cut, every item is sent to its recipient once', async () => {
  const batch = fc.array(
    fc.tuple(fc.constantFrom('ann', 'bob'), fc.array(fc.constantFrom('1', '2', '3', '4'), { minLength: 1 })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(batch), async (batches) => {
      const { outputs } = opened();
      for (const one of batches) await outputs.deliver(one.map(([to, ids]) => mail([...new Set(ids)], to)));
      for (const recipient of ['ann', 'bob']) {
        const expected = batches.flat().filter(([to]) => to === recipient);
        const texts = Array.from(outputs.messages(0), ({ message }) => message).filter(({ to }) =>
          to.startsWith(recipient),
        );
        const items = texts.flatMap(({ text }) => text.split(' '));
        expect([...items].sort()).toEqual([...new Set(expected.flatMap(([, ids]) => ids))].sort());
      }
    }),
    { numRuns: 50 },
  );
});

test('a digest that throws, or makes no message, fails for good and sends nothing', async () => {
  const { outputs } = opened();
  const broken: NotificationDelivery = {
    ...mail(['1']),
    digest: () => {
      throw new TypeError('no station');
    },
  };
  const none: unknown = { id: 'm', to: 'ann', subject: 7 };
  const isMessage = (value: unknown): value is ReturnType<NotificationDelivery['digest']> => value === none;
  const empty: NotificationDelivery = { ...mail(['1']), digest: () => (isMessage(none) ? none : mail([]).digest([])) };
  expect(await outputs.deliver([broken, empty, mail(['2'])])).toEqual([
    { failed: "the digest of notification 'mail' threw: no station" },
    {
      failed:
        "the digest of notification 'mail' must answer a message of texts { id, to, subject, text }, got one without subject, text",
    },
    'delivered',
  ]);
  await outputs.deliver([mail(['1'])]);
  expect(sent(outputs)).toEqual(['mail ann 2', 'mail ann 1']);
});

test('what the log can never take fails for good, and the others are delivered', async () => {
  const { log, outputs } = opened();
  const outcomes = await outputs.deliver([
    { kind: 'stream', stream: 'one', partitionKey: 'k'.repeat(257), payloads: ['1'] },
    { kind: 'stream', stream: 'one', partitionKey: 'k', payloads: ['x'.repeat(2_000_000)] },
    { kind: 'stream', stream: 'one', partitionKey: 'other', payloads: ['2'] },
  ]);
  expect(outcomes).toEqual([
    { failed: expect.stringMatching(/^a partition key of stream 'one' must have 1 to 256 characters, got 257/) },
    { failed: expect.stringMatching(/must have at most 1048576 bytes/) },
    'delivered',
  ]);
  expect(log.count('one', 'shardId-000000000000', undefined)).toBe(1);
});

test('a stream that is missing is a fault of the run', async () => {
  const { outputs } = opened();
  await expect(
    (async () => outputs.deliver([{ kind: 'stream', stream: 'two', partitionKey: 'k', payloads: ['1'] }]))(),
  ).rejects.toThrow("no stream 'two'");
});
