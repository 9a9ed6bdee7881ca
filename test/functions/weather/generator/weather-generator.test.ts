import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { seededRandom } from '../../../../functions/weather/generator/seeded-random.ts';
import { coldWaveAfter } from '../../../../functions/weather/generator/cold-wave.ts';
import { delayOf } from '../../../../functions/weather/generator/delay.ts';
import { generatedStations } from '../../../../functions/weather/generator/generated-station.ts';
import { stationDayLines } from '../../../../functions/weather/generator/station-day.ts';
import { weatherGenerator } from '../../../../functions/weather/generator/weather-generator.ts';
import { parseAlertRules } from '../../../../functions/weather/model/alert-rule-list.ts';
import { DAY_MS } from '../../../../functions/weather/model/calendar-day.ts';
import { type ParsedLine, parseGhcnLine } from '../../../../functions/weather/model/ghcn-line.ts';
import { lineLocator, stationLocation } from '../../../../functions/weather/model/location.ts';
import { toPlainUnits } from '../../../../functions/weather/model/units.ts';

const START_MS = Date.UTC(2023, 0, 1);
const generator = weatherGenerator({ seed: 1 });
const byId = new Map(generator.stations.map((station) => [station.id, station]));
const locationOf = lineLocator(byId);

const linesOfDays = (from: number, days: number): string[] =>
  Array.from({ length: days }, (_, index) => generator.linesOfDay(from + index)).flat();

type Value = ParsedLine & { readonly kind: 'value' };
const valuesOf = (lines: readonly string[]): Value[] =>
  lines.map(parseGhcnLine).filter((line) => line.kind === 'value');
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

describe('lines', () => {
  test('a day is the same whenever it is asked for, so a run can go on at any day', () => {
    const again = weatherGenerator({ seed: 1 });
    const backwards = [200, 40, 7, 0].map((day) => again.linesOfDay(day));
    expect([200, 40, 7, 0].map((day) => generator.linesOfDay(day))).toEqual(backwards);
  });

  test('the lines of a seed are these, on every machine', () => {
    const digest = createHash('sha256').update(linesOfDays(38, 4).join('\n')).digest('hex');
    expect(digest).toBe('44822dc18365068f7e0c389b607ce29fceb7720bc2a390ae295006e59cca9b09');
  });

  test('another seed is other weather', () => {
    expect(weatherGenerator({ seed: 2 }).linesOfDay(0)).not.toEqual(generator.linesOfDay(0));
  });

  test('300 stations write some thousand lines a day, in the order of their IDs', () => {
    const lines = generator.linesOfDay(5);
    expect(lines.length).toBeGreaterThan(1_200);
    const ids = valuesOf(lines)
      .map(({ stationId }) => stationId)
      .filter((id) => byId.has(id));
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBeGreaterThan(280);
  });

  test('no line is from the future, nearly all are of the day, and some are up to six days late', () => {
    const ages = new Map<number, number>();
    for (let day = 0; day < 60; day += 1) {
      for (const { dayStartMs } of valuesOf(generator.linesOfDay(day))) {
        const age = day - (dayStartMs - START_MS) / DAY_MS;
        ages.set(age, (ages.get(age) ?? 0) + 1);
      }
    }
    const total = [...ages.values()].reduce((sum, count) => sum + count);
    expect([...ages.keys()].toSorted()).toEqual([0, 1, 3, 4, 5, 6]);
    expect(ages.get(0)).toBeGreaterThan(total * 0.97);
  });

  test('a delay moves lines and neither loses nor doubles one', () => {
    const days = 40;
    const world = { random: seededRandom(1), startMs: START_MS, coldWave: coldWaveAfter(START_MS) };
    const written = generatedStations(world.random, 300).flatMap((station) =>
      Array.from({ length: days }, (_, day) => {
        const { holds, days: delay } = delayOf(world.random, station.index, day);
        const lines = stationDayLines(world, station, day);
        const held = holds === 'all' ? lines.length : holds === 'last' ? Math.min(1, lines.length) : 0;
        return lines.slice(0, day + delay < days ? lines.length : lines.length - held);
      }).flat(),
    );
    const listed = (lines: readonly string[]): string[] => lines.filter((line) => !line.includes('99990')).toSorted();
    expect(listed(linesOfDays(0, days))).toEqual(listed(written));
  });
});

describe('dirt', () => {
  const lines = linesOfDays(100, 150);
  const parsed = lines.map(parseGhcnLine);

  test('every fault the pipeline knows comes up, and few lines have one', () => {
    const kinds = new Set(parsed.map((line) => (line.kind === 'invalid' ? line.reason.replace(/:.*/, '') : line.kind)));
    expect([...kinds].toSorted()).toEqual([
      'bad-date',
      'bad-element',
      'bad-station',
      'bad-value',
      'malformed-line',
      'missing',
      'quality-flag',
      'value',
    ]);
    const share = (kind: ParsedLine['kind']): number =>
      parsed.filter((line) => line.kind === kind).length / parsed.length;
    expect(share('invalid')).toBeGreaterThan(0.001);
    expect(share('invalid')).toBeLessThan(0.003);
    expect(share('missing')).toBeLessThan(0.01);
  });

  test('some elements come twice in a day, and some stations are in no list', () => {
    const values = valuesOf(lines);
    const keys = values.map(({ stationId, date, element }) => `${stationId} ${date} ${element}`);
    expect(keys.length - new Set(keys).size).toBeGreaterThan(20);
    expect(new Set(values.map(({ stationId }) => stationId).filter((id) => !byId.has(id))).size).toBe(2);
  });

  test('some days have the lowest temperature above the highest', () => {
    const highs = new Map<string, number>();
    const values = valuesOf(lines);
    for (const { element, stationId, date, value } of values)
      if (element === 'TMAX') highs.set(stationId + date, value);
    const swapped = values.filter(
      ({ element, stationId, date, value }) => element === 'TMIN' && value > (highs.get(stationId + date) ?? Infinity),
    );
    expect(swapped.length).toBeGreaterThan(3);
    expect(swapped.length).toBeLessThan(100);
  });
});

describe('weather', () => {
  const meanOf = (element: string, location: string, from: number, days: number): number =>
    mean(
      valuesOf(linesOfDays(from, days))
        .filter((line) => line.element === element && locationOf(line.stationId + ',') === location)
        .map(({ value }) => toPlainUnits(element, value)),
    );

  test('summers are warm, winters are cold, and the north is colder than the south', () => {
    expect(meanOf('TMAX', 'US-AZ', 190, 20)).toBeGreaterThan(30);
    expect(meanOf('TMIN', 'US-MN', 365, 20)).toBeLessThan(-10);
    expect(meanOf('TMAX', 'US-MN', 190, 20)).toBeGreaterThan(meanOf('TMAX', 'US-MN', 365, 20) + 20);
    expect(meanOf('TMIN', 'US-FL', 365, 20)).toBeGreaterThan(5);
  });

  test('the cold wave is far below the days around it where it strikes, and nowhere else', () => {
    const { firstDay, days, locations } = generator.coldWave;
    const fall = (location: string): number =>
      meanOf('TMIN', location, firstDay - 10, 10) - meanOf('TMIN', location, firstDay + 2, 4);
    expect(days).toBe(9);
    for (const location of locations) expect(fall(location)).toBeGreaterThan(12);
    expect(fall('US-WA')).toBeLessThan(10);
    expect(fall('CA-QC')).toBeLessThan(10);
  });

  test('the freeze rule for Texas fires in the cold wave, and ends with it', () => {
    const rule = generator.rules.find(({ id }) => id === 'texas-hard-freeze');
    const { firstDay, days } = generator.coldWave;
    const fires = (from: number, count: number): number =>
      valuesOf(linesOfDays(from, count)).filter(
        ({ element, stationId, value }) =>
          element === rule?.element && locationOf(`${stationId},`) === rule.location && value <= rule.threshold * 10,
      ).length;
    expect(fires(0, firstDay)).toBe(0);
    expect(fires(firstDay, days + 6)).toBeGreaterThan(20);
    expect(fires(firstDay + days + 6, 200)).toBe(0);
  });
});

describe('lists', () => {
  test('stations have IDs of their own, the columns of the real list, and names that fit them', () => {
    expect(byId.size).toBe(300);
    for (const station of generator.stations) {
      expect(station.id).toMatch(/^(US[CW]000?\d{6,7}|CA00\d{7})$/);
      expect(station.id).toHaveLength(11);
      expect(station.id.slice(0, 2)).toBe(station.country_code);
      expect(station.name).toMatch(/^[A-Z0-9 ]{5,30}$/);
      expect(Math.abs(station.location.lat - 40)).toBeLessThan(20);
    }
    expect(new Set(generator.stations.map(stationLocation)).size).toBe(21);
    expect(generator.stations.some(({ elevation }) => elevation === undefined)).toBe(true);
  });

  test('the rules are ones the rules file may have, for several recipients and in both modes', () => {
    const text = JSON.stringify(generator.rules);
    expect(parseAlertRules({ file: 'rules.json', text })).toEqual(generator.rules);
    expect(new Set(generator.rules.map(({ email }) => email)).size).toBe(generator.rules.length);
    expect(new Set(generator.rules.map(({ mode }) => mode)).size).toBe(2);
    expect(generator.rules.some(({ reminderDays }) => reminderDays !== undefined)).toBe(true);
  });

  test.each([1, 2, 25])('a world of %d stations has lines and rules too', (stations) => {
    const small = weatherGenerator({ seed: 3, stations, days: 400 });
    expect(small.stations).toHaveLength(stations);
    expect(small.linesOfDay(399).length).toBeGreaterThan(0);
    expect(small.rules.length).toBeGreaterThan(3);
  });
});

describe('options', () => {
  test.each([
    [{ seed: 0.5 }, 'seed must be a whole number'],
    [{ seed: 1, stations: 0 }, 'stations must be a whole number from 1 to 1000, got 0'],
    [{ seed: 1, days: 36_526 }, 'days must be'],
    [
      { seed: 1, startDate: '20230229' },
      "startDate must be a day from 19000101 to 21001231 as YYYYMMDD, got '20230229'",
    ],
    [{ seed: 1, startDate: '2023-01-01' }, 'startDate must be'],
  ])('%j is refused', (options, message) => {
    expect(() => weatherGenerator(options)).toThrow(message);
  });

  test('a day before the first or after the last is refused', () => {
    expect(() => generator.linesOfDay(-1)).toThrow('day must be a whole number from 0 to 1094, got -1');
    expect(() => generator.linesOfDay(1_095)).toThrow(RangeError);
  });

  test('the cold wave waits for a February with some quiet weeks before it', () => {
    const firstDay = (startDate: string): number => weatherGenerator({ seed: 1, startDate }).coldWave.firstDay;
    expect(firstDay('20230101')).toBe(40);
    expect(firstDay('20230201')).toBe(374);
    expect(firstDay('20230701')).toBe(224);
  });
});
