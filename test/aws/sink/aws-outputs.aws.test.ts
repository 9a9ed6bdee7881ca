import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { deadLetterKey, manyLettersKey } from '../../../shared/sink/dead-letter-objects.ts';
import { outputPortContract } from '../../../shared/testing/output-port-contract.ts';
import { awsObserved, type AwsObserved } from './aws-observed.ts';

let observed: AwsObserved;
beforeEach(async () => {
  observed = await awsObserved();
});
afterEach(async () => {
  await observed.close();
});

describe('outputs on AWS', () => {
  test.each(outputPortContract)('$rule', async ({ check }) => {
    await check(observed);
  });
});

test('twelve full records of different keys are more than one call takes, and all arrive', async () => {
  const payload = 'x'.repeat(1_000_000);
  const deliveries = Array.from({ length: 12 }, (_, index) => ({
    kind: 'stream' as const,
    stream: 'one',
    partitionKey: String(index),
    payloads: [payload],
  }));
  expect(await observed.outputs.deliver(deliveries)).toEqual(deliveries.map(() => 'delivered'));
  expect((await observed.records('one')).filter(({ data }) => data.length === payload.length).length).toBe(12);
});

test('a message above the size limit arrives in parts, with a subject that SNS takes', async () => {
  const text = 'It will be cold in Zürich.\n'.repeat(15_000);
  const message = { id: 'i', to: 'ann@example.org', subject: `Kälte: ${'brr '.repeat(50)}`, text };
  const delivery = {
    kind: 'notification' as const,
    notification: 'mail',
    recipient: message.to,
    items: [{ id: '1', value: text }],
    digest: () => message,
  };
  expect(await observed.outputs.deliver([delivery])).toEqual(['delivered']);
  const parts = [...(await observed.messages())].sort((one, other) => (one.message.id < other.message.id ? -1 : 1));
  expect(parts.map((part) => part.message.id)).toEqual(['i/1', 'i/2']);
  expect(parts.map((part) => part.message.text).join('')).toBe(text);
  expect(parts.map((part) => part.message.subject)).toEqual([
    expect.stringMatching(/^Kalte: brr.*\.\.\. \(1\/2\)$/),
    expect.stringMatching(/^Kalte: brr.*\.\.\. \(2\/2\)$/),
  ]);
});

const letter: DeadLetter = {
  processor: 'weather/alert',
  stream: 'enriched',
  lane: 'weather-raw@US-AZ',
  position: '0210',
  partitionKey: 'US-AZ',
  sequenceNumber: '10',
  payload: 'e30=',
  reason: 'undecodable',
  error: 'no JSON',
};

test('a single dead letter is JSON, and many are one object, under the keys that tools look for', async () => {
  const { outputs, bucket, s3 } = observed;
  const many = [
    { ...letter, position: '0211' },
    { ...letter, position: '0212' },
  ] as const;
  expect([await outputs.deadLetter([letter]), await outputs.deadLetter([letter, ...many])]).toEqual([
    [true],
    [true, true, true],
  ]);
  expect([...(await observed.keys())].sort()).toEqual([deadLetterKey(letter), manyLettersKey(many)].sort());
  const typeOf = async (Key: string): Promise<string | undefined> =>
    (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key }))).ContentType;
  expect(await typeOf(deadLetterKey(letter))).toBe('application/json');
  expect((await observed.letters()).map(({ position }) => position).sort()).toEqual(['0210', '0211', '0212']);
});
