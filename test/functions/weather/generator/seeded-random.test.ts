import { describe, expect, test } from '@jest/globals';
import { seededRandom } from '../../../../functions/weather/generator/seeded-random.ts';

const DRAWS = 20_000;
const random = seededRandom(7);

const mean = (values: readonly number[]): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
const deviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};
const draws = (draw: (day: number) => number): number[] => Array.from({ length: DRAWS }, (_, day) => draw(day));

describe('random numbers', () => {
  test('the same seed, purpose, subject and day give the same number, and each of them changes it', () => {
    const numbers = [
      seededRandom(7).uniform(1, 2, 3),
      seededRandom(8).uniform(1, 2, 3),
      random.uniform(0, 2, 3),
      random.uniform(1, 0, 3),
      random.uniform(1, 2, 0),
      random.uniform(1, 2, -3),
    ];
    expect(numbers[0]).toBe(random.uniform(1, 2, 3));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('uniform numbers fill the range from 0 to below 1 evenly', () => {
    const values = draws((day) => random.uniform(1, 2, day));
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => values.filter((value) => value >= tenth / 10 && value < (tenth + 1) / 10).length,
    );
    for (const count of tenths) expect(count).toBeGreaterThan(DRAWS / 10 - 200);
    expect(tenths.reduce((sum, count) => sum + count)).toBe(DRAWS);
  });

  test('normal numbers have mean 0 and deviation 1, and none is absurd', () => {
    const values = draws((day) => random.normal(1, 2, day));
    expect(Math.abs(mean(values))).toBeLessThan(0.03);
    expect(Math.abs(deviation(values) - 1)).toBeLessThan(0.03);
    expect(values.every((value) => value > -3.5 && value < 3.5)).toBe(true);
  });

  test('drifting numbers have the same spread, but a day takes after the day before and not after the month before', () => {
    const values = draws((day) => random.drifting(1, 2, day));
    const correlation = (days: number): number =>
      mean(values.slice(days).map((value, day) => value * (values[day] ?? 0)));
    expect(Math.abs(deviation(values) - 1)).toBeLessThan(0.05);
    expect(correlation(1)).toBeGreaterThan(0.65);
    expect(Math.abs(correlation(30))).toBeLessThan(0.05);
  });
});
