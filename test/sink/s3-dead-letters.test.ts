import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SinkError } from '../../shared/aws/errors.ts';
import type { DeadLetter } from '../../shared/engine/dead-letter.ts';
import type { OutputPort } from '../../shared/engine/ports.ts';
import { deadLetterKey, lettersIn, manyLettersKey } from '../../shared/sink/dead-letter-objects.ts';
import { s3DeadLetters } from '../../shared/sink/s3-dead-letters.ts';
import { clientOptions } from '../support/faulty-aws/client-options.ts';
import { FaultyS3, type S3Fault } from '../support/faulty-aws/faulty-s3.ts';
import { faultyService, type FaultyService } from '../support/faulty-aws/faulty-service.ts';
import { retryClock } from '../support/faulty-aws/retry-clock.ts';

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

const letter = (number: number, parts: Partial<DeadLetter> = {}): DeadLetter => ({
  processor: 'weather/alert',
  stream: 'enriched',
  lane: 'weather-raw@US-AZ',
  position: `02${String(number)}`,
  partitionKey: 'US-AZ',
  sequenceNumber: String(number),
  payload: 'e30=',
  reason: 'undecodable',
  error: 'no JSON',
  ...parts,
});

const letters = (from: number, to: number): readonly DeadLetter[] =>
  Array.from({ length: to - from }, (_, index) => letter(from + index));

interface Kept {
  readonly deadLetter: OutputPort['deadLetter'];
  readonly s3: FaultyS3;
  readonly reports: readonly SinkError[];
  /** Positions of all letters in all objects, in no order, repeats included. */
  readonly positions: () => readonly string[];
}

const bucket = (faults: readonly S3Fault[] = [], afterwards?: S3Fault): Kept => {
  const s3 = new FaultyS3(faults, afterwards);
  service.react = (request) => s3.react(request);
  const reports: SinkError[] = [];
  const report = (error: SinkError): void => {
    reports.push(error);
  };
  return {
    deadLetter: s3DeadLetters({ ...retryClock(60_000), client, bucket: 'letters-1', report }),
    s3,
    reports,
    positions: () =>
      [...s3.objects.values()].flatMap((body) => lettersIn(body).letters.map(({ position }) => position)),
  };
};

const positionsOf = (some: readonly DeadLetter[]): readonly string[] => some.map(({ position }) => position);

test('a letter that is alone is an object of JSON under a key made of its processor and its identity', async () => {
  const { deadLetter, s3 } = bucket();
  expect(await deadLetter([letter(10)])).toEqual([true]);
  const key = deadLetterKey(letter(10));
  expect(key).toMatch(/^letters\/weather~alert\/[0-9a-f]{40}\.json$/);
  expect([...s3.objects].map(([path, body]): unknown => [path, JSON.parse(Buffer.from(body).toString())])).toEqual([
    [`/letters-1/${key}`, letter(10)],
  ]);
});

test('the key does not depend on what went wrong this time', () => {
  expect(deadLetterKey({ ...letter(10), error: 'another', stack: 'at x' })).toBe(deadLetterKey(letter(10)));
  expect(deadLetterKey(letter(11))).not.toBe(deadLetterKey(letter(10)));
});

describe('many letters of one call', () => {
  test('are one object under a key made of all of them, in any order, and come back as they were', async () => {
    const { deadLetter, s3 } = bucket();
    const some = [letter(10, { error: 'ä\n🧊', stack: 'at a\nat b' }), ...letters(11, 2_010)];
    expect(new Set(await deadLetter(some))).toEqual(new Set([true]));
    const [first, ...others] = some;
    if (first === undefined) throw new Error('no letter');
    const key = manyLettersKey([first, ...others]);
    expect(key).toMatch(/^letters\/weather~alert\/many-[0-9a-f]{40}\.jsonl\.gz$/);
    expect(manyLettersKey([first, ...others.reverse()])).toBe(key);
    expect([s3.calls, [...s3.objects.keys()]]).toEqual([1, [`/letters-1/${key}`]]);
    expect(lettersIn(s3.objects.get(`/letters-1/${key}`) ?? new Uint8Array())).toEqual({
      letters: some,
      foreignLines: 0,
    });
  });

  test('of several processors are an object each, under the prefix that each may write', async () => {
    const { deadLetter, s3 } = bucket();
    await deadLetter([...letters(10, 13), ...letters(10, 12).map((one) => ({ ...one, processor: 'weather/enrich' }))]);
    expect([...s3.objects.keys()].map((path) => path.split('/').slice(2, 4).join('/')).sort()).toEqual([
      'letters/weather~alert',
      'letters/weather~enrich',
    ]);
  });

  test('that are too large for one object are several', async () => {
    const { deadLetter, s3, positions } = bucket();
    const large = letters(10, 22).map((one) => ({ ...one, payload: 'A'.repeat(1_000_000) }));
    expect(new Set(await deadLetter(large))).toEqual(new Set([true]));
    expect([s3.objects.size, [...positions()].sort()]).toEqual([3, positionsOf(large)]);
  });
});

describe('what was kept is not kept again', () => {
  test('by the same letters', async () => {
    const { deadLetter, s3 } = bucket();
    for (let attempt = 0; attempt < 3; attempt++) await deadLetter(letters(10, 50));
    expect(s3.calls).toBe(1);
  });

  test('by a call that brings more of them: it writes only the rest', async () => {
    const { deadLetter, positions } = bucket();
    await deadLetter(letters(10, 20));
    expect(new Set(await deadLetter(letters(10, 40)))).toEqual(new Set([true]));
    expect([...positions()].sort()).toEqual(positionsOf(letters(10, 40)));
  });

  test('by a call in another environment with the same letters: it writes over them', async () => {
    const first = bucket();
    await first.deadLetter(letters(10, 20));
    const other = s3DeadLetters({ ...retryClock(60_000), client, bucket: 'letters-1' });
    await other(letters(10, 20));
    expect([first.s3.calls, first.s3.objects.size]).toEqual([2, 1]);
  });

  test('but a letter that comes in another record is: it was redriven, and has failed once more', async () => {
    const { deadLetter, s3 } = bucket();
    await deadLetter([letter(10)]);
    await deadLetter([letter(10, { sequenceNumber: '999' })]);
    expect(s3.calls).toBe(2);
  });
});

test.each<[string, S3Fault]>([
  ['SlowDown', { kind: 'refused', error: 'SlowDown', status: 503 }],
  ['a service in trouble', { kind: 'refused', error: 'InternalError', status: 500 }],
  ['a connection that ends', { kind: 'hang-up' }],
  ['an answer that is lost', { kind: 'lost-answer' }],
])('after %s letters are put again, and are there once', async (_fault, fault) => {
  const { deadLetter, s3, reports, positions } = bucket([fault, { kind: 'none' }, fault]);
  expect(new Set(await deadLetter(letters(10, 30)))).toEqual(new Set([true]));
  expect(await deadLetter([letter(30)])).toEqual([true]);
  expect([[...positions()].sort(), s3.calls, reports]).toEqual([positionsOf(letters(10, 31)), 4, []]);
});

test('what is throttled until the deadline is not kept, is reported once, and is written next time', async () => {
  const slow: S3Fault = { kind: 'refused', error: 'SlowDown', status: 503 };
  const { deadLetter, reports, positions } = bucket(Array.from({ length: 500 }, () => slow));
  const both = [letter(10), letter(11, { processor: 'weather/enrich' })];
  expect(await deadLetter(both)).toEqual([false, false]);
  expect(reports.map(({ kind, target }) => [kind, target])).toEqual([['given-up', "bucket 'letters-1'"]]);
  const works = bucket();
  expect(await works.deadLetter(both)).toEqual([true, true]);
  expect([positions().length, works.positions().length]).toEqual([0, 2]);
});

test('of two objects the one that is written counts as kept, and only the other is written next time', async () => {
  const { deadLetter, s3 } = bucket([{ kind: 'none' }], { kind: 'refused', error: 'SlowDown', status: 503 });
  const both = [...letters(10, 12), ...letters(10, 12).map((one) => ({ ...one, processor: 'weather/enrich' }))];
  const answers = await deadLetter(both);
  expect(answers.filter(Boolean)).toHaveLength(2);
  expect(answers[0]).toBe(answers[1]);
  expect(s3.objects.size).toBe(1);
});

test.each([
  ['NoSuchBucket', 404],
  ['AccessDenied', 403],
])('%s is not tried again: it rejects and names the bucket', async (error, status) => {
  const { deadLetter } = bucket([{ kind: 'refused', error, status }]);
  await expect(deadLetter([letter(10)])).rejects.toThrow(
    new RegExp(`bucket 'letters-1' refuses.*${error}.*deploy again`),
  );
});

describe('reading an object', () => {
  test('that holds no letter, or something else beside letters, says so and never throws', () => {
    const lines = (...some: readonly unknown[]): Uint8Array =>
      Buffer.from(some.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join(''));
    expect(lettersIn(lines(letter(10), 'not JSON', { foreign: true }))).toEqual({
      letters: [letter(10)],
      foreignLines: 2,
    });
    expect(lettersIn(new Uint8Array())).toEqual({ letters: [], foreignLines: 0 });
    expect(lettersIn(Uint8Array.of(0x1f, 0x8b, 1, 2, 3))).toEqual({ letters: [], foreignLines: 1 });
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(lettersIn(bytes).letters).toEqual([]);
      }),
    );
  });
});
