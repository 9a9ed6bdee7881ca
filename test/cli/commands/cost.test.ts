import { expect, test } from '@jest/globals';
import { millrace } from '../support/millrace.ts';
import { fieldOf } from '../support/result-rows.ts';

test('cost shows what is idle, what a million records cost, and what is not in it', async () => {
  const { code, out, err } = await millrace(['cost', 'weather', '--shards', '2']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(
    /^weather in us-east-1\n\nIdle, a month .*streams of 2 shards.*\n\nFor a million records .*Not in it\n.*Prices are /s,
  );
});

test('every assumption is a flag, and the JSON says what was assumed and where prices are from', async () => {
  const { out } = await millrace(['cost', 'weather', '--cold-share', '0.5', '--ms-per-batch', '120', '--json']);
  const made: unknown = JSON.parse(out);
  expect(fieldOf(made, 'assumptions')).toMatchObject({ coldShare: 0.5, msPerBatch: 120, shards: 1 });
  expect(fieldOf(fieldOf(fieldOf(made, 'prices'), 'shardHour'), 'source')).toMatchObject({ kind: 'third-party' });
});

test('an assumption out of its range is refused', async () => {
  const { code, err } = await millrace(['cost', 'weather', '--cold-share', '2']);
  expect([code, err]).toEqual([2, expect.stringMatching(/'--cold-share <n>' argument '2' .*number from 0 to 1/)]);
});
