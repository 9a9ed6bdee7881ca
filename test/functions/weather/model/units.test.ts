import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toPlainUnits, toRawUnits } from '../../../../functions/weather/model/units.ts';

const element = fc.constantFrom('TMAX', 'PRCP', 'WSFM', 'SNOW', 'WT01', 'SN32');

describe('units', () => {
  test('tenths are plain units without the noise of a division', () => {
    const tenths = fc.integer({ min: -99_999_999, max: 99_999_999 });
    fc.assert(
      fc.property(tenths, (raw) => {
        const sign = raw < 0 ? '-' : '';
        const digits = String(Math.abs(raw)).padStart(2, '0');
        expect(toPlainUnits('TMAX', raw)).toBe(Number(`${sign}${digits.slice(0, -1)}.${digits.slice(-1)}`) + 0);
      }),
    );
  });

  test('elements outside the list stay as they are', () => {
    expect(['SNOW', 'SNWD', 'WDF2', 'WT01', 'SN32', 'MDSF', 'WDMV'].map((name) => toPlainUnits(name, 144))).toEqual(
      Array.from({ length: 7 }, () => 144),
    );
  });

  test('a raw value in plain units and back is the same integer', () => {
    fc.assert(
      fc.property(element, fc.integer({ min: -999_999_999, max: 999_999_999 }), (name, raw) => {
        expect(toRawUnits(name, toPlainUnits(name, raw))).toBe(raw + 0);
      }),
    );
  });

  test('what is finer than a tenth is not rounded away', () => {
    expect(Number.isInteger(toRawUnits('TMAX', 14.44))).toBe(false);
    expect(Number.isInteger(toRawUnits('SNOW', 0.5))).toBe(false);
    expect(Number.isInteger(toRawUnits('TMAX', Number.POSITIVE_INFINITY))).toBe(false);
  });
});
