import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import { deadLetterKey } from '../../../shared/sink/dead-letter-key.ts';
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
  const units = Array.from({ length: 12 }, (_, index) => ({
    stream: 'one',
    partitionKey: String(index),
    payloads: [payload],
  }));
  expect(await observed.outputs.put(units)).toEqual(units.map(() => true));
  expect((await observed.records('one')).filter(({ data }) => data.length === payload.length).length).toBe(12);
});

test('a message above the size limit arrives in parts, with a subject that SNS takes', async () => {
  const text = 'It will be cold in Zürich.\n'.repeat(15_000);
  const message = { id: 'i', to: 'ann@example.org', subject: `Kälte: ${'brr '.repeat(50)}`, text };
  expect(await observed.outputs.notify([{ notification: 'mail', message }])).toEqual([true]);
  const parts = [...(await observed.messages())].sort((one, other) => (one.message.id < other.message.id ? -1 : 1));
  expect(parts.map((part) => part.message.id)).toEqual(['i/1', 'i/2']);
  expect(parts.map((part) => part.message.text).join('')).toBe(text);
  expect(parts.map((part) => part.message.subject)).toEqual([
    expect.stringMatching(/^Kalte: brr.*\.\.\. \(1\/2\)$/),
    expect.stringMatching(/^Kalte: brr.*\.\.\. \(2\/2\)$/),
  ]);
});

test('a dead letter is JSON under the key that tools look for', async () => {
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
  await observed.outputs.keep([letter]);
  expect(await observed.keys()).toEqual([deadLetterKey(letter)]);
  const { bucket, s3 } = observed;
  const { ContentType } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: deadLetterKey(letter) }));
  expect(ContentType).toBe('application/json');
});
