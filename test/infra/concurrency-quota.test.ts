import { expect, test } from '@jest/globals';
import { weather } from '../../functions/weather/topology.ts';
import { checkQuota, contextOptions, reservedConcurrency } from '../../infra/concurrency-quota.ts';
import { readContext } from '../../infra/context.ts';

test.each([
  [{}, 8],
  [{ shards: '4' }, 29],
  [{ reservedConcurrency: 'off' }, 0],
  [{ capacity: 'on-demand' }, 0],
])('with the context %j all functions together reserve %i', (context, reserved) => {
  expect(reservedConcurrency(weather(), readContext(context))).toBe(reserved);
});

test('an account that cannot reserve so much is told before anything is deployed', () => {
  expect(() => {
    checkQuota(10, 8);
  }).toThrow(/may run 10 functions .* reserving 8 of them needs a quota of 108.*reservedConcurrency=off/u);
});

test.each([
  [108, 8],
  [10, 0],
])('a quota of %i bears %i reserved', (quota, reserved) => {
  expect(() => {
    checkQuota(quota, reserved);
  }).not.toThrow();
});

test('context is read from the command line as the CDK reads it, the last value of a name counts', () => {
  const args = ['-c', 'shards=2', '--context', 'alertEmail=a@b.c', '--context=stage=x=y', '-c', 'shards=3', '--ci'];
  expect(contextOptions(args)).toEqual({ shards: '3', alertEmail: 'a@b.c', stage: 'x=y' });
});
