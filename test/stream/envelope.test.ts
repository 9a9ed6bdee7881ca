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
        const lane = laneThrough(rootLane('raw', '3', key), 'weather/validate');
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

  test('what the writer promises is in it where there is a promise, and opened again', () => {
    const open = opener(anything);
    fc.assert(
      fc.property(timeMs, timeMs, fc.option(timeMs, { nil: undefined }), (at, first, other) => {
        // The same opener and peeker remember the head of the last envelope: a promise must not outlive it.
        const peek = peeker('data');
        for (const promise of [first, other, first]) {
          const sealed = sealer('out', 'raw/0@a;b@c;d', promise)('0210.010', at, '"data":1');
          expect(open(bytesOf(sealed))).toMatchObject({
            lane: 'raw/0@a;b@c;d',
            position: '0210.010',
            timeMs: at,
            watermarkMs: promise,
          });
          expect(peek(sealed)?.watermark).toBe(promise === undefined ? undefined : new Date(promise).toISOString());
        }
      }),
    );
  });

  test('a promise that is no time is damage', () => {
    const sealed = sealer('out', 'raw@a;b', 0)('0210.010', 0, '"data":1');
    expect(opener(anything)(bytesOf(sealed.replace('watermark":"1970', 'watermark":"x')))?.kind).toBe('malformed');
  });

  test('a time that is none is refused each time, also right after it was refused', () => {
    const seal = sealer('out', 'raw@a;b');
    seal('0210', 7, '"data":1');
    for (const time of [NaN, Infinity, 8_640_000_000_000_001, Infinity]) {
      expect(() => seal('0210', time, '"data":1')).toThrow(RangeError);
      expect(() => seal('0210', time, '"data":1')).toThrow(RangeError);
    }
  });

  test.each([
    ['siblings', '0210.~9f86d081.~aa.010'],
    ['children', '0210.010.02111'],
  ])('a position of %s is one', (_, position) => {
    const sealed = sealer('out', 'raw@a;b')(position, 0, '"data":1');
    expect(opener(anything)(bytesOf(sealed))).toMatchObject({ kind: 'opened', position });
  });

  test.each(['~~', '0210.~', '0210.~A', '0210.~a,b', '~a', '0210 ', 'zzzz'])(
    'a position of %p, which could come after all others, is damage',
    (position) => {
      const sealed = sealer('out', 'raw@a;b')(position, 0, '"data":1');
      expect(opener(anything)(bytesOf(sealed))?.kind).toBe('malformed');
    },
  );

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

  test('an envelope whose bytes are not UTF-8 is malformed, and says which byte it is: two values never get one text', () => {
    const whole = bytesOf(sealer('out', 'raw@a;b')('0210.010', 0, dataMember(text(), 'Z#')));
    const damaged = whole.map((byte) => (byte === '#'.charCodeAt(0) ? 0xfc : byte));
    expect(opener(text())(damaged)).toEqual({
      kind: 'malformed',
      reason: expect.stringMatching(/^not UTF-8 \(0xfc at byte \d+\)/u),
    });
    // A character that the writer itself put for what it could not read is a value like any other.
    const replaced = bytesOf(sealer('out', 'raw@a;b')('0210.010', 0, dataMember(text(), 'Z\ufffd')));
    expect(opener(text())(replaced)).toMatchObject({ kind: 'opened', value: 'Z\ufffd' });
    // What only looks like one from afar is left to the codec of its own.
    expect(opener(text())(Uint8Array.from([...bytesOf('{"specversion":'), 0xfc]))).toBeUndefined();
  });
});
