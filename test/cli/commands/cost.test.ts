import { expect, test } from '@jest/globals';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { expectGolden } from '../support/golden.ts';
import { millrace } from '../support/millrace.ts';

test('cost shows what is idle, what a million records cost, and what is not in it', async () => {
  const { code, out, err } = await millrace(['cost', 'weather', '--shards', '2']);
  expect([code, err]).toEqual([0, '']);
  expectGolden(new URL('./golden/cost.txt', import.meta.url), out);
});

test('every assumption is a flag, and the JSON has the assumptions and the sources of the prices', async () => {
  const { out } = await millrace(['cost', 'weather', '--cold-share', '0.5', '--ms-per-batch', '120', '--json']);
  const made: unknown = JSON.parse(out);
  expect(fieldOf(made, 'assumptions')).toMatchObject({ coldShare: 0.5, msPerBatch: 120, shards: 1 });
  expect(fieldOf(fieldOf(fieldOf(made, 'prices'), 'shardHour'), 'source')).toMatchObject({ kind: 'third-party' });
});

test('an assumption out of its range is refused', async () => {
  const { code, err } = await millrace(['cost', 'weather', '--cold-share', '2']);
  expect([code, err]).toEqual([2, expect.stringMatching(/'--cold-share <n>' argument '2' .*number from 0 to 1/)]);
});
