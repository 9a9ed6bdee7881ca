import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { json } from '../../shared/codec/json.ts';
import { text } from '../../shared/codec/text.ts';
import { bytesOf } from '../../shared/codec/text-bytes.ts';
import { dataMember, opener, peeker, sealer } from '../../shared/stream/envelope.ts';
import { childPosition, laneThrough, rootLane, sortableNumber } from '../../shared/stream/origin.ts';

const anything = json('value', (value): value is unknown => value !== undefined);
const timeMs = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });

describe('envelope', () => {
  test('what is sealed is opened again: value, lane, position and time', () => {
    const open = opener(anything);
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.nat(), timeMs, (value, key, sequence, at) => {
        const lane = laneThrough(rootLane('raw', key), 'weather/validate');
        const position = childPosition(sortableNumber(String(sequence)), 3);
        const sealed = sealer('out', lane)(position, at, dataMember(anything, value));
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(open(bytesOf(sealed))).toEqual({ kind: 'opened', lane, position, timeMs: at, value: plain });
        expect(peeker('data')(sealed)).toMatchObject({ lane, position, data: JSON.stringify(value) });
      }),
    );
  });

  test('it is a CloudEvent whose source and id are the lane and the position', () => {
    const bytes = sealer('weather-alerts', 'raw@US-AZ;weather/alert')('0210.010', 0, dataMember(text(), 'say "hi"'));
    expect(JSON.parse(bytes)).toEqual({
      specversion: '1.0',
      type: 'millrace/weather-alerts',
      source: 'raw@US-AZ;weather/alert',
      id: '0210.010',
      time: '1970-01-01T00:00:00.000Z',
      data: 'say "hi"',
    });
  });

  test.each([
    '{"specversion":"1.0","type":"com.example.order","source":"/orders","id":"7","data":{}}',
    '{"a":1}',
    'USC00028815,20160101,TMAX,144,,,7,',
    '',
  ])('a record of another form is foreign: %s', (foreign) => {
    expect(opener(anything)(bytesOf(foreign))).toBeUndefined();
    expect(peeker('data')(foreign)).toBeUndefined();
  });

  test('a damaged envelope is malformed, whatever is damaged', () => {
    const open = opener(anything);
    const whole = sealer('out', 'raw@a;b')('0210.010', 0, '"data":{"n":[1,2]}');
    fc.assert(
      fc.property(
        fc.integer({ min: '{"specversion":"1.0","type":"millrace/'.length, max: whole.length - 1 }),
        (end) => {
          const cut = open(bytesOf(whole.slice(0, end)));
          expect(cut?.kind).toBe('malformed');
        },
      ),
    );
    expect(open(bytesOf(whole.replace('0210.010', 'x')))?.kind).toBe('malformed');
    expect(open(bytesOf(whole.replace('1970-01-01', '1970-13-01')))?.kind).toBe('malformed');
    expect(open(bytesOf(whole))).toMatchObject({ kind: 'opened', lane: 'raw@a;b' });
  });
});
