import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS } from '../../../../functions/weather/model/calendar-day.ts';
import { MAX_GHCN_LINE_CHARS, parseGhcnLine } from '../../../../functions/weather/model/ghcn-line.ts';
import { readAll } from '../../../source/read-all.ts';
import { describeWithData } from '../../../support/real-data.ts';

const GOOD = 'USC00028815,20160101,TMAX,144,,,7,';

const reasonOf = (line: string): string => {
  const parsed = parseGhcnLine(line);
  return parsed.kind === 'invalid' ? parsed.reason : parsed.kind;
};

/** The good line with one field changed, counted from 0. */
const withField = (index: number, text: string): string => GOOD.split(',').with(index, text).join(',');

/** The rules said a second time, with patterns and no care for speed. */
const slowReasonOf = (line: string): string => {
  const text = line.replace(/\r$/, '');
  const fields = text.split(',');
  const [id = '', date = '', element = '', value = '', , qualityFlag = ''] = fields;
  const iso = date.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  if (text.length > 4_096 || !/^[ -~]*$/.test(text) || fields.length !== 8) return 'malformed-line';
  if (fields.slice(4).some((field) => field.includes('"'))) return 'malformed-line';
  if (!/^[\w-]{11}$/.test(id)) return 'bad-station';
  if (!/^\d{8}$/.test(date) || date.startsWith('0000')) return 'bad-date';
  if (Number.isNaN(Date.parse(iso)) || !new Date(iso).toISOString().startsWith(iso)) return 'bad-date';
  if (!/^[A-Z0-9]{4}$/.test(element)) return 'bad-element';
  if (!/^-?\d{1,15}$/.test(value)) return 'bad-value';
  if (Number(value) === -9999) return 'missing';
  return qualityFlag === '' ? 'value' : `quality-flag:${qualityFlag}`;
};

describe('good lines', () => {
  test('a line gives station, day, element and the integer of the line', () => {
    expect(parseGhcnLine(GOOD)).toEqual({
      kind: 'value',
      stationId: 'USC00028815',
      date: '20160101',
      dayStartMs: 1_451_606_400_000,
      element: 'TMAX',
      value: 144,
    });
  });

  test('a day before 1970 has a negative time', () => {
    expect(parseGhcnLine('CA006144470,18720101,PRCP,0,,,C,')).toMatchObject({ dayStartMs: -35_794 * DAY_MS, value: 0 });
  });

  test.each(['US10adam001', 'US10box_001', 'CA00110A8R1'])('%s is a station ID: NOAA has such ones', (id) => {
    expect(reasonOf(withField(0, id))).toBe('value');
  });

  test('measurement flag, source flag and time of observation do not matter', () => {
    expect(reasonOf('USW00023234,20140101,PRCP,0,T,,W,2400')).toBe('value');
  });

  test('one carriage return at the end is no part of the line, two are', () => {
    expect(reasonOf(`${GOOD}\r`)).toBe('value');
    expect(reasonOf(`${GOOD}\r\r`)).toBe('malformed-line');
  });

  test('the line before leaves no trace, whether it was of another station, another day or bad', () => {
    const lines = [GOOD, withField(0, 'USC00028816'), withField(1, '20160102'), withField(1, '20160231'), 'x', GOOD];
    const alone = lines.map((line) => {
      parseGhcnLine('AAA00000000,20200101,TMAX,1,,,,');
      return parseGhcnLine(line);
    });
    expect(lines.map(parseGhcnLine)).toEqual(alone);
  });
});

describe('refused lines', () => {
  test.each([
    ['', 'malformed-line'],
    [',,,,,,,', 'bad-station'],
    ['USC00028815,20160101,TMAX,144,,,7', 'malformed-line'],
    [`${GOOD},`, 'malformed-line'],
    ['ID,DATE,ELEMENT,VALUE,MFLAG,QFLAG,SFLAG,OBSTIME', 'bad-station'],
    [withField(0, 'USC0002881'), 'bad-station'],
    [withField(0, 'USC000288155'), 'bad-station'],
    [withField(0, 'USC0002881 '), 'bad-station'],
    [withField(0, '__proto__'), 'bad-station'],
    [withField(0, '"USC00028815"'), 'bad-station'],
    [withField(1, '20160231'), 'bad-date'],
    [withField(1, '2016-01-01'), 'bad-date'],
    [withField(1, ''), 'bad-date'],
    [withField(2, '__proto__'), 'bad-element'],
    [withField(2, 'tmax'), 'bad-element'],
    [withField(2, 'TMA'), 'bad-element'],
    [withField(2, ''), 'bad-element'],
    [withField(3, ''), 'bad-value'],
    [withField(3, '-'), 'bad-value'],
    [withField(3, '14.4'), 'bad-value'],
    [withField(3, '+144'), 'bad-value'],
    [withField(3, ' 144'), 'bad-value'],
    [withField(3, '1e3'), 'bad-value'],
    [withField(3, '0x10'), 'bad-value'],
    [withField(3, '"144"'), 'bad-value'],
    [withField(3, '9999999999999999'), 'bad-value'],
    [withField(5, 'X'), 'quality-flag:X'],
    [withField(5, ' '), 'quality-flag: '],
    [withField(5, '"X"'), 'malformed-line'],
    [withField(4, '""'), 'malformed-line'],
    [withField(4, '\u0000'), 'malformed-line'],
    [withField(7, '\t'), 'malformed-line'],
    [withField(6, '\ufffd'), 'malformed-line'],
    [withField(0, 'USC0002881\u00c9'), 'malformed-line'],
    [`\ufeff${GOOD}`, 'malformed-line'],
  ])('%j is %s', (line, reason) => {
    expect(reasonOf(line)).toBe(reason);
  });

  test('-9999 is missing, whether or not it is flagged', () => {
    expect(parseGhcnLine(withField(3, '-9999'))).toEqual({
      kind: 'missing',
      stationId: 'USC00028815',
      date: '20160101',
      dayStartMs: 1_451_606_400_000,
      element: 'TMAX',
    });
    expect(reasonOf('USC00028815,20160101,TMAX,-9999,,X,7,')).toBe('missing');
  });

  test('of several faults the first in the order of the columns is the reason', () => {
    expect(reasonOf('bad,20160231,tmax,x,,X,7,')).toBe('bad-station');
    expect(reasonOf('USC00028815,20160231,tmax,x,,X,7,')).toBe('bad-date');
    expect(reasonOf('USC00028815,20160101,tmax,x,,X,7,')).toBe('bad-element');
    expect(reasonOf('USC00028815,20160101,TMAX,x,,X,7,')).toBe('bad-value');
  });

  test('a zero is a plain zero, also with a minus before it', () => {
    expect(parseGhcnLine(withField(3, '-0'))).toMatchObject({ value: 0 });
    expect(parseGhcnLine(withField(3, '-000000000000011'))).toMatchObject({ value: -11 });
  });

  test('a line is at most 4,096 characters', () => {
    const flag = 'x'.repeat(MAX_GHCN_LINE_CHARS - GOOD.length);
    expect(reasonOf(withField(4, flag))).toBe('value');
    expect(reasonOf(withField(4, `${flag}x`))).toBe('malformed-line');
    expect(reasonOf('x'.repeat(10_000_000))).toBe('malformed-line');
  });

  test('any line gets the verdict of the rules written as patterns', () => {
    const field = fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '',
          '-9999',
          '-0',
          '20160229',
          '20150229',
          'SN32',
          'tmax',
          'US1AZMR0156',
          '"',
          '\r',
          'X',
          '007',
        ),
      },
    );
    const line = fc
      .array(field, { minLength: 7, maxLength: 9 })
      .map((fields) => fields.map((text, index) => text ?? GOOD.split(',')[index] ?? '').join(','));
    fc.assert(
      fc.property(line, (text) => {
        expect(reasonOf(text)).toBe(slowReasonOf(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

const FLAGGED_LINES = [
  ['ghcnd/2016-us-hcn.csv.gz', 1_070_184, 1_157],
  ['ghcnd/2015-us-hcn.csv.gz', 1_056_759, 1_522],
  ['ghcnd/2010-2014-az-hcn.csv.gz', 112_803, 411],
  ['ghcnd/1872-world.csv.gz', 81_238, 108],
  ['ghcnd/20030101-world.csv.gz', 7_710, 56],
  ['ghcnd/1960-2018-uk-scotland.csv.gz', 254_122, 0],
] as const;

for (const [file, lineCount, flagged] of FLAGGED_LINES) {
  describeWithData(`real lines of ${file}`, [file], (path) => {
    test('each is a value, but for those with a quality flag', async () => {
      const { lines } = await readAll(path);
      const found = { value: 0, missing: 0, invalid: 0, sum: 0 };
      const expected = { value: lineCount - flagged, missing: 0, invalid: flagged, sum: 0 };
      for (const line of lines) {
        const parsed = parseGhcnLine(line);
        found[parsed.kind] += 1;
        if (parsed.kind === 'value') found.sum += parsed.value;
        if (parsed.kind === 'invalid') expect(parsed.reason).toMatch(/^quality-flag:[A-Z]$/);
        const [, , , value, , flag] = line.split(',');
        if (flag === '') expected.sum += Number(value);
      }
      expect(found).toEqual(expected);
    });
  });
}
