import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DeadLetter } from '../../shared/engine/dead-letter.ts';
import { deadLetterKey } from '../../shared/sink/dead-letter-key.ts';
import { s3DeadLetters } from '../../shared/sink/s3-dead-letters.ts';
import type { SinkError } from '../../shared/sink/sink-error.ts';
import { clientOptions } from '../support/faulty-aws/client-options.ts';
import { patientClock } from '../support/faulty-aws/faulty-patience.ts';
import { FaultyS3, type S3Fault } from '../support/faulty-aws/faulty-s3.ts';
import { faultyService, type FaultyService } from '../support/faulty-aws/faulty-service.ts';

let service: FaultyService;
let client: S3Client;
beforeAll(async () => {
  service = await faultyService();
  client = new S3Client({ ...clientOptions(service.endpoint), forcePathStyle: true });
});
afterAll(async () => {
  client.destroy();
  await service.close();
});

const letter = (number: number): DeadLetter => ({
  processor: 'weather/alert',
  stream: 'enriched',
  lane: 'weather-raw@US-AZ',
  position: `02${String(number)}`,
  partitionKey: 'US-AZ',
  sequenceNumber: String(number),
  payload: 'e30=',
  reason: 'undecodable',
  error: 'no JSON',
});

const run = async (
  letters: readonly DeadLetter[],
  faults: readonly S3Fault[],
  afterwards?: S3Fault,
): Promise<{ readonly kept: readonly boolean[]; readonly s3: FaultyS3; readonly reports: readonly SinkError[] }> => {
  const s3 = new FaultyS3(faults, afterwards);
  service.react = (request) => s3.react(request);
  const reports: SinkError[] = [];
  const report = (error: SinkError): void => {
    reports.push(error);
  };
  const output = s3DeadLetters({ ...patientClock(60_000), client, bucket: 'letters-1', report });
  return { kept: await output.keep(letters), s3, reports };
};

test('a letter is an object of JSON under a key made of its processor and its identity', async () => {
  const { kept, s3 } = await run([letter(10)], []);
  expect(kept).toEqual([true]);
  const key = deadLetterKey(letter(10));
  expect(key).toMatch(/^letters\/weather~alert\/[0-9a-f]{40}\.json$/);
  expect([...s3.objects].map(([path, body]): unknown => [path, JSON.parse(body)])).toEqual([
    [`/letters-1/${key}`, letter(10)],
  ]);
});

test('the key does not depend on what went wrong this time', () => {
  expect(deadLetterKey({ ...letter(10), error: 'another', stack: 'at x' })).toBe(deadLetterKey(letter(10)));
  expect(deadLetterKey(letter(11))).not.toBe(deadLetterKey(letter(10)));
});

test.each<[string, S3Fault]>([
  ['SlowDown', { kind: 'refused', error: 'SlowDown', status: 503 }],
  ['a service in trouble', { kind: 'refused', error: 'InternalError', status: 500 }],
  ['a connection that ends', { kind: 'hang-up' }],
  ['an answer that is lost', { kind: 'lost-answer' }],
])('after %s a letter is put again, and stands there once', async (_fault, fault) => {
  const letters = Array.from({ length: 20 }, (_, index) => letter(10 + index));
  const { kept, s3, reports } = await run(letters, [fault, { kind: 'none' }, fault, fault]);
  expect([kept.every(Boolean), s3.objects.size, s3.calls, reports]).toEqual([true, 20, 23, []]);
});

test('what is throttled until the deadline is false, and is reported once', async () => {
  const { kept, reports } = await run([letter(10), letter(11), letter(12)], [{ kind: 'none' }], {
    kind: 'refused',
    error: 'SlowDown',
    status: 503,
  });
  expect(kept.filter(Boolean).length).toBe(1);
  expect(reports.map(({ kind, target }) => [kind, target])).toEqual([['given-up', "bucket 'letters-1'"]]);
});

test.each([
  ['NoSuchBucket', 404],
  ['AccessDenied', 403],
])('%s is not tried again: it rejects and names the bucket', async (error, status) => {
  await expect(run([letter(10)], [{ kind: 'refused', error, status }])).rejects.toThrow(
    new RegExp(`bucket 'letters-1' refuses.*${error}.*deploy again`),
  );
});
