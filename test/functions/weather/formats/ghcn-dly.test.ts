import { describe, expect, test } from '@jest/globals';
import { openReader } from '../../../../shared/source/input-format.ts';
import { readText } from '../../../../shared/source/read-text.ts';
import { ghcnDly } from '../../../../functions/weather/formats/ghcn-dly.ts';
import { parseGhcnLine } from '../../../../functions/weather/model/ghcn-line.ts';
import { describeWithData } from '../../../support/real-data.ts';

const EMPTY_DAY = '-9999   ';

/** One monthly line; days that are not named have no value. */
const monthly = (id: string, month: string, element: string, days: Readonly<Record<number, string>>): string =>
  `${id}${month}${element}${Array.from({ length: 31 }, (_, index) => days[index + 1] ?? EMPTY_DAY).join('')}`;

const TUCSON = 'USC00028815';

const read = (lines: readonly string[]): string[] => {
  const reader = openReader(ghcnDly);
  return [...reader.read(lines), ...reader.end()];
};

describe('monthly lines', () => {
  test('one line becomes one raw line for each day of the month, flags and gaps included', () => {
    const raw = read([monthly(TUCSON, '201602', 'PRCP', { 1: '    0T 7', 2: '  254 X7' })]);
    expect(raw).toHaveLength(29);
    expect(raw.slice(0, 3)).toEqual([
      'USC00028815,20160201,PRCP,0,T,,7,',
      'USC00028815,20160202,PRCP,254,,X,7,',
      'USC00028815,20160203,PRCP,-9999,,,,',
    ]);
  });

  test('a month of several elements is given by day, and within a day in the order of the file', () => {
    const raw = read([
      monthly(TUCSON, '201601', 'TMAX', { 1: '  144  7', 2: '  150  7' }),
      monthly(TUCSON, '201601', 'TMIN', { 1: '   11  7', 2: '   12  7' }),
    ]);
    expect(raw.slice(0, 4)).toEqual([
      'USC00028815,20160101,TMAX,144,,,7,',
      'USC00028815,20160101,TMIN,11,,,7,',
      'USC00028815,20160102,TMAX,150,,,7,',
      'USC00028815,20160102,TMIN,12,,,7,',
    ]);
  });

  test('the next month and the next station begin anew', () => {
    const dates = read([
      monthly(TUCSON, '201601', 'TMAX', {}),
      monthly(TUCSON, '201602', 'TMAX', {}),
      monthly('USC00026796', '201602', 'TMAX', {}),
    ]).map((line) => line.slice(0, 20));
    expect(dates).toHaveLength(31 + 29 + 29);
    expect([dates[0], dates[31], dates[60]]).toEqual([
      `${TUCSON},20160101`,
      `${TUCSON},20160201`,
      'USC00026796,20160201',
    ]);
  });

  test('how the lines come in batches makes no difference', () => {
    const lines = ['TMAX', 'TMIN', 'PRCP'].flatMap((element) => [monthly(TUCSON, '201601', element, {}), 'broken']);
    const reader = openReader(ghcnDly);
    const oneByOne = [...lines.flatMap((line) => reader.read([line])), ...reader.end()];
    expect(oneByOne).toEqual(read(lines));
  });

  test('a value on a day the month does not have is given, to be refused for its date', () => {
    const raw = read([monthly(TUCSON, '201502', 'TMAX', { 30: '  144  7' })]);
    expect(raw).toHaveLength(29);
    expect(parseGhcnLine(raw.at(-1) ?? '')).toEqual({ kind: 'invalid', reason: 'bad-date' });
  });

  test('a line without its trailing blanks is whole', () => {
    const line = monthly(TUCSON, '201601', 'TMAX', {});
    expect(read([line.trimEnd()])).toEqual(read([line]));
  });

  test.each([
    ['', 'malformed-line'],
    ['USC00028815,20160101,TMAX,144,,,7', 'malformed-line'],
    [monthly(TUCSON, '201601', 'TMAX', {}).slice(0, 200), 'malformed-line'],
    [`${monthly(TUCSON, '201601', 'TMAX', {})} `, 'malformed-line'],
    [monthly(TUCSON, '201613', 'TMAX', {}), 'malformed-line'],
    [monthly(TUCSON, '2016 1', 'TMAX', {}), 'malformed-line'],
    [monthly('USC0002881,', '201601', 'TMAX', {}), 'malformed-line'],
    [monthly(TUCSON, '201601', '\u0000MAX', {}), 'malformed-line'],
  ])('%j passes unchanged and is one invalid record', (line, reason) => {
    expect(read([line])).toEqual([line]);
    expect(parseGhcnLine(line)).toEqual({ kind: 'invalid', reason });
  });

  test('a broken line does not cut the month around it', () => {
    const raw = read([monthly(TUCSON, '201601', 'TMAX', {}), 'broken', monthly(TUCSON, '201601', 'TMIN', {})]);
    expect(raw.slice(0, 3)).toEqual([
      'broken',
      'USC00028815,20160101,TMAX,-9999,,,,',
      'USC00028815,20160101,TMIN,-9999,,,,',
    ]);
  });

  test('a value that is no number is refused for its value', () => {
    const [line = ''] = read([monthly(TUCSON, '201601', 'TMAX', { 1: '1,\u0000x   ' })]);
    expect(parseGhcnLine(line)).toEqual({ kind: 'invalid', reason: 'bad-value' });
  });

  test('a file that is one endless month is given in parts', () => {
    const reader = openReader(ghcnDly);
    const line = monthly(TUCSON, '201601', 'TMAX', {});
    const given = Array.from({ length: 2_000 }, () => reader.read([line]).length);
    expect(Math.max(...given)).toBe(512 * 31);
    expect(given.reduce((total, count) => total + count, reader.end().length)).toBe(2_000 * 31);
  });
});

for (const station of ['USC00028815', 'USC00026796']) {
  describeWithData(`the real months of ${station}`, [`ghcnd/dly/${station}.dly.gz`], (path) => {
    test('give every value of the file in the order of the days', async () => {
      const text = await readText(path);
      const lines = text.split('\n').slice(0, -1);
      const raw = read(lines);
      const parsed = raw.map(parseGhcnLine);
      const values = lines
        .flatMap((line) => line.slice(21).match(/.{8}/g) ?? [])
        .filter((day) => !day.startsWith('-9999'));
      const flagged = values.filter((day) => day.charAt(6) !== ' ').length;
      expect(values.length).toBeGreaterThan(200_000);
      expect(parsed.filter(({ kind }) => kind === 'invalid')).toHaveLength(flagged);
      expect(parsed.filter(({ kind }) => kind === 'value')).toHaveLength(values.length - flagged);
      const sum = values
        .filter((day) => day.charAt(6) === ' ')
        .reduce((total, day) => total + Number(day.slice(0, 5)), 0);
      expect(parsed.reduce((total, line) => total + (line.kind === 'value' ? line.value : 0), 0)).toBe(sum);
      const dates = raw.map((line) => line.slice(12, 20));
      expect(dates.every((date, index) => index === 0 || date >= (dates[index - 1] ?? ''))).toBe(true);
    });
  });
}
