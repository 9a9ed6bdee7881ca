import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineArrivalMs } from '../../../functions/weather/arrival.ts';

const line = (date: string): string => `USC00028815,${date},TMAX,144,,,7,`;
const dayEnd = (iso: string): number => Date.parse(iso) + 86_400_000;

test('lines have arrived at the end of the newest day they speak of', () => {
  expect(lineArrivalMs(['20160103', '20160101', '20160102'].map(line), undefined)).toBe(dayEnd('2016-01-03'));
  expect(lineArrivalMs([line('18720101')], undefined)).toBe(dayEnd('1872-01-01'));
});

test('what cannot be read says nothing', () => {
  expect(lineArrivalMs(['', 'no line', line('20160231'), line('2016010x')], undefined)).toBeUndefined();
  expect(lineArrivalMs(['no line'], 7)).toBe(7);
});

test('time never goes back, whatever comes in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.constantFrom('17630101', '20160101', '20160105', '20990101', '20150231').map(line))),
      (chunks) => {
        let beforeMs: number | undefined;
        for (const lines of chunks) {
          const afterMs = lineArrivalMs(lines, beforeMs);
          expect(afterMs ?? -Infinity).toBeGreaterThanOrEqual(beforeMs ?? -Infinity);
          beforeMs = afterMs;
        }
      },
    ),
  );
});

test('one wrong date does not put all that follows into the past', () => {
  const good = Array.from({ length: 500 }, () => line('20160101'));
  expect(lineArrivalMs([line('20990101'), ...good], undefined)).toBe(dayEnd('2016-01-01'));
  expect(lineArrivalMs([...good, line('20990101')], dayEnd('2015-12-31'))).toBe(dayEnd('2016-01-01'));
});

test('a gap of years between two inputs is believed where more than one line in a hundred is beyond it', () => {
  const later = Array.from({ length: 500 }, () => line('20160101'));
  expect(lineArrivalMs([line('19600101'), ...later], dayEnd('1960-01-01'))).toBe(dayEnd('2016-01-01'));
});
