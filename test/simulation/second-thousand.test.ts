import { expect, test } from '@jest/globals';
import { NOTHING_WRONG, simulate, THOUSAND_SCHEDULES_MS } from '../support/simulation-process.ts';

const POINTS = ['tables', 'progress', 'advance', 'load', 'due', 'put', 'dead-letter', 'notify', 'write'];

const STRUCK = [
  ...POINTS.map((point) => `crash at ${point}`),
  ...POINTS.map((point) => `zombie at ${point}`),
  ...['advance', 'dead-letter', 'put', 'write'].map((point) => `refused at ${point}`),
  'outage at notify',
  ...['progress', 'due', 'advance', 'put', 'write'].flatMap((point) => [
    `sweep: crash at ${point}`,
    `sweep: zombie at ${point}`,
  ]),
  ...['in time', 'after its time-out', 'past its guard'].map((when) => `zombie goes on ${when}`),
  ...['before', 'beside', 'after', 'in a sweep'].map((when) => `duplicate delivery ${when}`),
  'partial at put',
  'contention at write',
  'lost response',
  'throttled invocation',
  'bisect',
  'reshard: split',
  'reshard: merge',
  'poller restart',
  'sweep race',
  'sweep beside the work',
  'idle before more input',
  'input goes on after half a sweep',
  'batch overtaken by a sweep',
  'repeats dropped by ledgers',
  'another writer wins',
  ...['state', 'watermarks', 'streams', 'dead letters', 'notifications', 'all writes'].map(
    (what) => `outage of ${what}`,
  ),
  ...['RetryAttemptsExhausted', 'RecordAgeExceeded'].map((why) => `given up: ${why}`),
  'given up, document lost',
  'given up, document refused at first',
  ...['apply', 'applied', 'superseded', 'may-repeat', 'impossible'].map((kind) => `redriven letter: ${kind}`),
  'explicit hash key',
  'item refused for good',
  'record that makes its state grow',
  'redeploy',
  'silence of hours',
  'table edited',
  'wrong date',
];

test(
  'another thousand lose no record and double no effect, and between them every sort of fault strikes',
  async () => {
    const ended = await simulate('--from', '1000', '--seeds', '1000');
    expect(ended).toMatchObject(NOTHING_WRONG);
    expect(ended.output).toContain('schedules: 1000,');
    expect(STRUCK.filter((name) => (ended.counts[name] ?? 0) === 0)).toEqual([]);
  },
  THOUSAND_SCHEDULES_MS,
);
