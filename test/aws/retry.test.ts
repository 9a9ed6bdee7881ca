import { describe, expect, test } from '@jest/globals';
import { isTransient, retrying, type Attempt } from '../../shared/aws/retry.ts';
import { retryClock } from '../support/faulty-aws/retry-clock.ts';

const again = (progressed = false): Promise<Attempt<number>> =>
  Promise.resolve({ kind: 'again', cause: new Error('not yet'), progressed });

const named = (name: string, more: object = {}): Error => Object.assign(new Error('message'), { name }, more);

test('the first attempt that is done ends it', async () => {
  const clock = retryClock(10_000);
  let attempts = 0;
  const result = await retrying(clock, () => {
    attempts += 1;
    return attempts < 3 ? again() : Promise.resolve({ kind: 'done', value: attempts });
  });
  expect([result, clock.pausesMs]).toEqual([{ kind: 'done', value: 3 }, [50, 100]]);
});

test('pauses grow to five seconds at most, and start small again after progress', async () => {
  const clock = retryClock(1_000_000);
  let attempts = 0;
  await retrying(clock, () => {
    attempts += 1;
    return attempts === 12 ? Promise.resolve({ kind: 'done', value: 0 }) : again(attempts === 9);
  });
  expect(clock.pausesMs).toEqual([50, 100, 200, 400, 800, 1600, 2500, 2500, 50, 100, 200]);
});

test('nothing is awaited that ends at the deadline or later, and the last cause is reported', async () => {
  const clock = retryClock(400);
  const cause = new Error('still throttled');
  const result = await retrying(clock, () => Promise.resolve({ kind: 'again', cause }));
  expect(result).toEqual({ kind: 'gave-up', cause });
  expect(clock.pausesMs).toEqual([50, 100, 200]);
});

test('without time no attempt is made', async () => {
  const result = await retrying(retryClock(0), () => Promise.reject(new Error('attempted')));
  expect(result).toEqual({ kind: 'gave-up', cause: new Error('no time was left for a first attempt') });
});

test('an attempt is aborted when the deadline has come', async () => {
  const hanging = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  let left = 20;
  const policy = { ...retryClock(0), deadlineMs: () => (left-- > 18 ? 20 : 0) };
  expect(await retrying(policy, hanging)).toEqual({ kind: 'gave-up', cause: new Error('aborted') });
});

test('what a repetition cannot cure is thrown at once', async () => {
  const clock = retryClock(10_000);
  const denied = named('AccessDeniedException', { $metadata: { httpStatusCode: 400 } });
  await expect(retrying(clock, () => Promise.reject(denied))).rejects.toBe(denied);
  expect(clock.pausesMs).toEqual([]);
});

describe('an error passes by itself', () => {
  test.each([
    ['throttling of any service', named('ThrottlingException')],
    ['throttling of Kinesis', named('ProvisionedThroughputExceededException')],
    ['throttling of S3', named('SlowDown', { $metadata: { httpStatusCode: 503 } })],
    ['throttling of SNS', named('ThrottledException', { $metadata: { httpStatusCode: 429 } })],
    ['throttling of KMS under a service', named('KMSThrottlingException', { $metadata: { httpStatusCode: 400 } })],
    ['a fault of the service', named('InternalServerError', { $metadata: { httpStatusCode: 500 } })],
    ['an entry that failed inside of Kinesis', named('InternalFailure')],
    ['a connection that was reset', named('Error', { code: 'ECONNRESET' })],
    ['a name that is not resolved now', named('Error', { code: 'EAI_AGAIN' })],
    ['an HTTP/2 session that ended', named('Error', { code: 'ERR_HTTP2_SESSION_ERROR' })],
    ['an HTTP/2 request without an answer', new Error('Unexpected error: http2 request did not get a response')],
    ['a time-out', named('TimeoutError')],
  ])('%s', (_kind, error) => {
    expect(isTransient(error)).toBe(true);
  });
});

describe('an error does not pass by itself', () => {
  test.each([
    ['a missing resource', named('ResourceNotFoundException', { $metadata: { httpStatusCode: 400 } })],
    ['a missing permission', named('AccessDenied', { $metadata: { httpStatusCode: 403 } })],
    ['a wrong request', named('ValidationException', { $metadata: { httpStatusCode: 400 } })],
    ['missing credentials', named('CredentialsProviderError')],
    ['a mistake of ours', new TypeError('x is not a function')],
    ['what is no error', 'ThrottlingException'],
  ])('%s', (_kind, error) => {
    expect(isTransient(error)).toBe(false);
  });
});
