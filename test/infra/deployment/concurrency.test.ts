import { expect, test } from '@jest/globals';
import { weather } from '../../../functions/weather/topology.ts';
import { checkQuota, reservedConcurrency } from '../../../infra/deployment/concurrency.ts';
import { readContext } from '../../../infra/deployment/context.ts';

test.each([
  [{}, 8],
  [{ shards: '4' }, 29],
  [{ reservedConcurrency: 'off' }, 0],
  [{ capacity: 'on-demand' }, 0],
])('with the context %j all functions together reserve %i', (context, reserved) => {
  expect(reservedConcurrency(weather(), readContext(context))).toBe(reserved);
});

test('an account with too small a quota is refused before anything is deployed', () => {
  expect(() => {
    checkQuota(10, 8);
  }).toThrow(/may run 10 functions .* reserving 8 of them needs a quota of 108.*reservedConcurrency=off/u);
});

test.each([
  [108, 8],
  [10, 0],
])('a quota of %i allows reserving %i', (quota, reserved) => {
  expect(() => {
    checkQuota(quota, reserved);
  }).not.toThrow();
});
