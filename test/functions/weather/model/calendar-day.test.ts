import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compactDate,
  DAY_MS,
  dayStartMsAt,
  daysInMonth,
  isoDate,
} from '../../../../functions/weather/model/calendar-day.ts';

const FIRST_DAY_MS = new Date('0001-01-01T00:00:00Z').getTime();
const LAST_DAY_MS = new Date('9999-12-31T00:00:00Z').getTime();

describe('calendar days', () => {
  test('every day of the years 1 to 9999 is what the date of the language says, and comes back as text', () => {
    const days = fc.integer({ min: FIRST_DAY_MS / DAY_MS, max: LAST_DAY_MS / DAY_MS });
    fc.assert(
      fc.property(days, fc.nat({ max: DAY_MS - 1 }), (day, withinMs) => {
        const iso = new Date(day * DAY_MS).toISOString().slice(0, 10);
        const compact = iso.replaceAll('-', '');
        expect(dayStartMsAt(compact)).toBe(day * DAY_MS);
        expect(compactDate(day * DAY_MS + withinMs)).toBe(compact);
        expect(isoDate(compact)).toBe(iso);
      }),
    );
  });

  test('any eight digits are a day exactly where the language can make that date', () => {
    const number = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(number(9999), number(14), number(33), (year, month, day) => {
        const iso = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(
          '-',
        );
        const made = new Date(`${iso}T00:00:00Z`);
        // The language rolls 30 February over to March.
        const isReal = year > 0 && !Number.isNaN(made.getTime()) && made.toISOString().startsWith(iso);
        expect(dayStartMsAt(iso.replaceAll('-', ''))).toBe(isReal ? made.getTime() : undefined);
      }),
    );
  });

  test.each([
    '20160230',
    '19000229',
    '20161301',
    '20160001',
    '20160100',
    '00000101',
    '2016010',
    '2016-1-1',
    '+2016010',
    '２０１６0101',
  ])('%s is no day', (text) => {
    expect(dayStartMsAt(text)).toBeUndefined();
  });

  test('the leap day is there every fourth year, but not in three of four centuries', () => {
    expect([2015, 2016, 1900, 2000, 2100].map((year) => daysInMonth(year, 2))).toEqual([28, 29, 28, 29, 28]);
  });
});
