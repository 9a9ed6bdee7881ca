import { expect, test } from '@jest/globals';
import type { Delivery, NotificationDelivery, StreamDelivery } from '../../shared/engine/ports.ts';
import { outputPort, type OutputDrivers } from '../../shared/sink/output-drivers.ts';

const records = (partitionKey: string): StreamDelivery => ({
  kind: 'stream',
  stream: 's',
  partitionKey,
  payloads: ['1'],
});
const mail = (recipient: string): NotificationDelivery => ({
  kind: 'notification',
  notification: 'n',
  recipient,
  items: [{ id: '1', value: 1 }],
  digest: () => ({ id: '1', to: recipient, subject: '', text: '' }),
});

const port = (calls: string[]): ReturnType<typeof outputPort> => {
  const drivers: OutputDrivers = {
    stream: (deliveries) => {
      calls.push(`stream ${deliveries.map(({ partitionKey }) => partitionKey).join(' ')}`);
      return Promise.resolve(deliveries.map(({ partitionKey }) => (partitionKey === 'bad' ? 'refused' : 'delivered')));
    },
    notification: (deliveries) => {
      calls.push(`notification ${deliveries.map(({ recipient }) => recipient).join(' ')}`);
      return Promise.resolve(deliveries.map(({ recipient }) => (recipient === 'bad' ? { failed: 'no' } : 'delivered')));
    },
  };
  return outputPort(drivers, () => Promise.resolve([]));
};

test('each driver is called once, with the deliveries of its kind in order, and streams come first', async () => {
  const calls: string[] = [];
  const outcomes = await port(calls).deliver([mail('bad'), records('a'), mail('ann'), records('bad'), records('b')]);
  expect(calls).toEqual(['stream a bad b', 'notification bad ann']);
  expect(outcomes).toEqual([{ failed: 'no' }, 'delivered', 'delivered', 'refused', 'delivered']);
});

test('a driver without deliveries is not called', async () => {
  const calls: string[] = [];
  expect([await port(calls).deliver([]), await port(calls).deliver([mail('ann')])]).toEqual([[], ['delivered']]);
  expect(calls).toEqual(['notification ann']);
});

test('a kind without a driver is refused by name', async () => {
  const foreign: Delivery = Object.assign(records('a'), { kind: 'lake' });
  await expect(port([]).deliver([foreign])).rejects.toThrow(/no driver delivers outputs of the kind 'lake'/u);
});

test('a driver that answers too little has delivered only what it says', async () => {
  const outputs = outputPort(
    { stream: () => Promise.resolve(['delivered']), notification: () => Promise.resolve([]) },
    () => Promise.resolve([]),
  );
  expect(await outputs.deliver([records('a'), records('b')])).toEqual(['delivered', 'refused']);
});
