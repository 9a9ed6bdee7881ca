import { expect, test } from '@jest/globals';
import { needsAttention, statusText } from '../../../cli/aws/status/show-status.ts';
import type { ProcessorStatus } from '../../../cli/aws/status/deployment-status.ts';

const calm: ProcessorStatus = {
  id: 'weather/validate',
  mapping: { state: 'Enabled', lastResult: 'OK' },
  lagMs: 1200,
  held: [],
  deadLetters: 0,
};

test('a calm processor is one row; what is held says the partition key and why, and nothing a terminal would obey', () => {
  const held = { partitionKey: 'US-AZ', because: 'stream\u001b[2J throttles', times: 3, lastMs: 0 };
  const text = statusText({
    stack: 'millrace-weather-dev',
    processors: [
      calm,
      {
        ...calm,
        id: 'weather/assemble',
        held: [held, ...Array.from({ length: 6 }, (_, at) => ({ ...held, partitionKey: `L${String(at)}` }))],
        watermarks: { partitions: 3, lowest: { partitionKey: 'US-AZ', watermarkMs: Date.UTC(2016, 0, 2) } },
        deadLetters: 1234,
      },
    ],
    alarms: [{ name: 'weather-held', about: 'lanes are held' }],
    problems: [],
  });
  expect(text).toMatch(/weather\/validate +Enabled +OK +1 s +- +- +0\n/);
  expect(text).toMatch(/weather\/assemble +Enabled +OK +1 s +7 keys +2016-01-02 at US-AZ, of 3 keys +1,234\n/);
  expect(text).toContain('  weather/assemble  US-AZ: stream [2J throttles\n');
  expect(text).toContain('  weather/assemble  and 2 more\n');
  expect(text).toMatch(/In ALARM\n {2}weather-held: lanes are held\n$/);
});

test('what could not be found out is unknown, and not well', () => {
  const text = statusText({
    stack: 's',
    processors: [
      { id: 'a', mapping: undefined, lagMs: undefined, held: undefined, deadLetters: undefined, watermarks: undefined },
    ],
    alarms: undefined,
    problems: ['not permitted'],
  });
  expect(text).toMatch(
    /a +unknown +unknown +unknown +unknown +unknown +unknown\n\nAlarms: unknown\n\nUnknown\n {2}not permitted\n$/,
  );
});

test.each<readonly [string, Partial<ProcessorStatus>]>([
  ['a mapping that is off, for which no alarm rings', { mapping: { state: 'Disabled', lastResult: 'OK' } }],
  ['a held partition key', { held: [{ partitionKey: 'US-AZ', because: 'throttled', times: 1, lastMs: 0 }] }],
  ['a dead letter', { deadLetters: 1 }],
])('%s needs attention', (_what, change) => {
  const status = { stack: 's', processors: [calm], alarms: [], problems: [] };
  expect(needsAttention(status)).toBe(false);
  expect(needsAttention({ ...status, processors: [{ ...calm, ...change }] })).toBe(true);
});
