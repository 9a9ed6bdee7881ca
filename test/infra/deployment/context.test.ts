import { describe, expect, test } from '@jest/globals';
import { contextOptions, readContext } from '../../../infra/deployment/context.ts';
import { keepsData } from '../../../infra/deployment/data-policy.ts';
import { wholeNumber } from '../../../shared/pipeline/options.ts';
import { DeploymentError } from '../../../infra/deployment/deployment-error.ts';

const OPTIONS = { graceDays: wholeNumber({ min: 0, max: 366, default: 1, help: 'days' }) };

const errorOf = (given: Readonly<Record<string, unknown>>): string => {
  try {
    readContext(given, OPTIONS);
  } catch (error) {
    if (error instanceof DeploymentError) return error.message;
    throw error;
  }
  throw new Error('the context was accepted');
};

describe('without any context a deployment', () => {
  const context = readContext({});

  test('goes to AWS, in a stage that is easy to remove', () => {
    expect([context.target, keepsData(context)]).toEqual(['aws', false]);
  });

  test('costs as little as can be provisioned', () => {
    expect(context).toMatchObject({ capacity: 'provisioned', shards: 1, retentionHours: 24 });
  });

  test('is closed to everyone without IAM, and sends no mail', () => {
    expect(context).toMatchObject({ apiAuth: 'iam', alertEmail: [], operationsEmail: [] });
  });

  test('has values that could have been given', () => {
    const { options, ...own } = readContext({}, OPTIONS);
    const given = Object.entries({ ...own, ...options })
      .filter(([name]) => name !== 'pipeline')
      .map(([name, value]) => [name, Array.isArray(value) ? '' : String(value)]);
    expect(readContext(Object.fromEntries(given), OPTIONS)).toEqual({ ...own, options });
  });
});

test('values may be text, as on the command line, and numbers, as in cdk.json', () => {
  expect(readContext({ shards: '4', graceDays: 0, retentionHours: 8760 }, OPTIONS)).toMatchObject({
    shards: 4,
    options: { graceDays: 0 },
    retentionHours: 8760,
  });
});

test('several addresses are given with commas between them, and each counts once', () => {
  const { alertEmail } = readContext({ alertEmail: 'a@example.org, b@example.org,a@example.org' });
  expect(alertEmail).toEqual(['a@example.org', 'b@example.org']);
});

test('recipients of alerts are the operators too, unless others are named', () => {
  expect(readContext({ alertEmail: 'a@example.org' }).operationsEmail).toEqual(['a@example.org']);
  expect(readContext({ alertEmail: 'a@example.org', operationsEmail: 'ops@example.org' }).operationsEmail).toEqual([
    'ops@example.org',
  ]);
  expect(readContext({ alertEmail: 'a@example.org', operationsEmail: '' }).operationsEmail).toEqual([]);
});

test('the alarm of the watermark can be turned off', () => {
  expect(readContext({ watermarkDelayHours: 'off' }).watermarkDelayHours).toBeUndefined();
});

describe('a wrong value is refused with the value, what is allowed and what to do:', () => {
  const cases: readonly (readonly [name: string, value: unknown, allowed: string])[] = [
    ['target', 'azure', 'aws or local'],
    ['stage', 'my stage', '1 to 32 letters, digits and -'],
    ['stage', '-prod', '1 to 32 letters, digits and -'],
    ['stage', 'x'.repeat(33), '1 to 32 letters, digits and -'],
    ['capacity', 'serverless', 'provisioned or on-demand'],
    ['shards', 0, 'a whole number from 1 to 10000'],
    ['shards', '10001', 'a whole number from 1 to 10000'],
    ['shards', '1.5', 'a whole number from 1 to 10000'],
    ['shards', '1e3', 'a whole number from 1 to 10000'],
    ['shards', true, 'a whole number from 1 to 10000'],
    ['retentionHours', 23, 'a whole number from 24 to 8760'],
    ['retentionHours', 8761, 'a whole number from 24 to 8760'],
    ['alertEmail', 'no-address', 'e-mail addresses'],
    ['alertEmail', 'a@example.org,,b@example.org', 'e-mail addresses'],
    ['operationsEmail', 'no-address', 'e-mail addresses'],
    ['graceDays', 367, 'a whole number from 0 to 366'],
    ['graceDays', -1, 'a whole number from 0 to 366'],
    ['apiAuth', 'cognito', 'iam or none'],
    ['reservedConcurrency', 'yes', 'on or off'],
    ['watermarkDelayHours', 0, 'a whole number from 1 to 1000000, or off'],
  ];
  test.each(cases)('%s = %j', (name, value, allowed) => {
    const message = errorOf({ [name]: value });
    expect(message).toContain(`${name} is ${JSON.stringify(value)}`);
    expect(message).toContain(`allowed: ${allowed}`);
    expect(message).toContain(`-c ${name}=`);
  });
});

test('all wrong values are in one error', () => {
  const message = errorOf({ shards: 0, target: 'azure', alertEmail: 'no-address' });
  expect(message.split('\n').filter((line) => line.startsWith('  - '))).toHaveLength(3);
});

test('a misspelt name is refused, because what it was to change would stay as it is', () => {
  expect(errorOf({ shard: 4 })).toContain('shard is not a value of ours: did you mean shards?');
  expect(errorOf({ alertemail: 'a@example.org' })).toContain('did you mean alertEmail?');
});

test('values of the CDK and of other tools are not misspellings of ours', () => {
  expect(() =>
    readContext({ '@aws-cdk/core:stackRelativeExports': true, 'cli-telemetry': false, owner: 'me' }),
  ).not.toThrow();
});

test('data outlives the stack on AWS outside of dev, and nowhere else', () => {
  expect(keepsData({ target: 'aws', stage: 'prod' })).toBe(true);
  expect(keepsData({ target: 'aws', stage: 'dev' })).toBe(false);
  expect(keepsData({ target: 'local', stage: 'prod' })).toBe(false);
});

test('the command line is read as the CDK reads it: the last value of a name counts', () => {
  const args = ['-c', 'shards=2', '--context', 'alertEmail=a@b.c', '--context=stage=x=y', '-c', 'shards=3', '--ci'];
  expect(contextOptions(args)).toEqual({ shards: '3', alertEmail: 'a@b.c', stage: 'x=y' });
});
