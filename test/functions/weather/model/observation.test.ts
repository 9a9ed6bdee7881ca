import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { measurementsOf } from '../../../../functions/weather/model/observation.ts';

const textOf = (raw: readonly (readonly [string, number])[]): string => JSON.stringify(measurementsOf(raw));

describe('measurements', () => {
  test('elements are in plain units and in the order of their names, then the range', () => {
    expect(
      textOf([
        ['TMIN', 11],
        ['SNOW', 0],
        ['TMAX', 144],
        ['PRCP', 3],
      ]),
    ).toBe('{"PRCP":0.3,"SNOW":0,"TMAX":14.4,"TMIN":1.1,"TRANGE":{"gte":1.1,"lte":14.4}}');
  });

  test('the order of arrival leaves no trace', () => {
    const raw = [
      ['TMIN', 11],
      ['TMAX', 144],
      ['TOBS', 5],
      ['1234', 7],
      ['0012', 8],
    ] as const;
    fc.assert(
      fc.property(fc.shuffledSubarray([...raw], { minLength: raw.length }), (shuffled) => {
        expect(textOf(shuffled)).toBe(textOf(raw));
      }),
    );
  });

  test('equal temperatures are a range of one value', () => {
    expect(
      measurementsOf([
        ['TMIN', 11],
        ['TMAX', 11],
      ]),
    ).toMatchObject({ TRANGE: { gte: 1.1, lte: 1.1 } });
  });

  test('with the lowest above the highest both stay, the quality says so, and no empty range is made', () => {
    expect(
      textOf([
        ['TMAX', -11],
        ['TMIN', 144],
      ]),
    ).toBe('{"TMAX":-1.1,"TMIN":14.4,"quality":["inverted-range"]}');
  });

  test('one temperature alone makes neither range nor mark', () => {
    expect(textOf([['TMAX', 144]])).toBe('{"TMAX":14.4}');
    expect(textOf([])).toBe('{}');
  });
});
