import { expect, test } from '@jest/globals';
import { shownLine, showing } from '../../../cli/aws/tail/shown-record.ts';
import { packed } from '../../../shared/codec/packed.ts';
import { sealer } from '../../../shared/stream/envelope.ts';

const show = showing('data');
const record = (data: Uint8Array) =>
  ({ shardId: 's', partitionKey: 'US-AZ', sequenceNumber: '7', data, arrivalMs: 0 }) as const;

test('an aggregate of envelopes is shown as its values, with event time, lane and position', () => {
  const seal = sealer('weather-alerts', 'weather-raw@US-AZ;weather/validate');
  const [aggregate] = packed('US-AZ', [seal('011', 1000, '"data":{"rule":"cold"}'), seal('012', 2000, '"data":"a,b"')]);
  const shown = show(record(aggregate?.data ?? new Uint8Array()));
  expect(shown).toEqual([
    expect.objectContaining({ ordinal: 0, partitionKey: 'US-AZ', position: '011', value: { rule: 'cold' } }),
    expect.objectContaining({ ordinal: 1, lane: 'weather-raw@US-AZ;weather/validate', value: 'a,b' }),
  ]);
  expect(shown.map(shownLine)).toEqual([
    '1970-01-01T00:00:01.000Z  US-AZ  {"rule":"cold"}',
    '1970-01-01T00:00:02.000Z  US-AZ  a,b',
  ]);
});

test('what is no envelope is shown as it is, and nothing of it reaches the terminal as a command', () => {
  const lines = [Buffer.from('1,2\u001b[2J\n'), Buffer.from([0xff, 0xfe]), Buffer.from('{"a":1}')].flatMap((data) =>
    show(record(data)).map(shownLine),
  );
  expect(lines).toEqual([
    '1970-01-01T00:00:00.000Z  US-AZ  1,2\\u001b[2J\\u000a',
    '1970-01-01T00:00:00.000Z  US-AZ  no text: //4=',
    '1970-01-01T00:00:00.000Z  US-AZ  {"a":1}',
  ]);
});

test('a damaged aggregate says so and shows its bytes', () => {
  const [aggregate] = packed('US-AZ', ['a', 'b']);
  const damaged = Uint8Array.from(aggregate?.data ?? []);
  damaged[8] = 0;
  expect(show(record(damaged))).toEqual([
    expect.objectContaining({
      damage: 'KPL aggregate: the digest does not match',
      bytes: Buffer.from(damaged).toString('base64'),
    }),
  ]);
});
