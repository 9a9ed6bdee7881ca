import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonDocumentLines } from '../../../../functions/weather/formats/noaa-json.ts';
import { noaaJson } from '../../../../functions/weather/formats/noaa-json.ts';
import { isoDate } from '../../../../functions/weather/model/calendar-day.ts';
import { parseGhcnLine } from '../../../../functions/weather/model/ghcn-line.ts';
import { measurementsOf } from '../../../../functions/weather/model/observation.ts';
import { openReader } from '../../../../shared/source/input-format.ts';

const NESTED = {
  station: {
    id: 'USC00028815',
    country_code: 'US',
    location: { lat: 32.2, lon: -110.9 },
    elevation: 742.2,
    name: 'TUCSON',
  },
  location: 'US-AZ',
  date: '2016-01-01',
  PRCP: 0.3,
  TMAX: 14.4,
  TMIN: -1.1,
  TRANGE: { gte: -1.1, lte: 14.4 },
  quality: ['inverted-range'],
};

const linesOf = (document: unknown): readonly string[] => jsonDocumentLines(JSON.stringify(document));

/** The reasons for the lines of a flat document with these fields beside station and date. */
const verdictsOf = (fields: Readonly<Record<string, unknown>>): string[] =>
  linesOf({ station_id: 'USC00028815', date: '2016-01-01', ...fields }).map((line) => {
    const parsed = parseGhcnLine(line);
    return parsed.kind === 'invalid' ? parsed.reason : parsed.kind;
  });

describe('documents', () => {
  test('an observation of the pipeline gives the lines it was made of', () => {
    expect(linesOf(NESTED)).toEqual([
      'USC00028815,20160101,PRCP,3,,,,',
      'USC00028815,20160101,TMAX,144,,,,',
      'USC00028815,20160101,TMIN,-11,,,,',
    ]);
  });

  test('a flat document gives the same lines', () => {
    const { station, location, TRANGE, quality, ...flat } = NESTED;
    expect(linesOf({ station_id: station.id, ...flat })).toEqual(linesOf(NESTED));
    expect([location, TRANGE, quality]).toHaveLength(3);
  });

  test('any observation written as JSON and read again is the same observation', () => {
    const element = fc.stringMatching(/^[A-Z0-9]{4}$/);
    const value = fc.integer({ min: -9_998, max: 99_999 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(element, value), { selector: ([name]) => name, minLength: 1 }), (raw) => {
        const document = { station: { id: 'USC00028815' }, date: isoDate('20160101'), ...measurementsOf(raw) };
        const again = linesOf(document).map((line): [string, number] => {
          const parsed = parseGhcnLine(line);
          if (parsed.kind !== 'value') throw new Error(line);
          return [parsed.element, parsed.value];
        });
        expect(measurementsOf(again)).toEqual(measurementsOf(raw));
      }),
    );
  });

  test.each(['2016-01-01', '20160101', '2016-01-01T00:00:00', '2016-01-01T00:00:00Z', '2016-01-01T00:00:00.000Z'])(
    'the date %s is understood',
    (date) => {
      expect(linesOf({ station_id: 'USC00028815', date, SNOW: 5 })).toEqual(['USC00028815,20160101,SNOW,5,,,,']);
    },
  );

  test.each(['2016-1-1', '2016-02-30', '01/02/2016', '2016-01-01T12:00:00', 'yesterday'])(
    'the date %s is refused as a date',
    (date) => {
      expect(linesOf({ station_id: 'USC00028815', date, SNOW: 5 }).map(parseGhcnLine)).toEqual([
        { kind: 'invalid', reason: 'bad-date' },
      ]);
    },
  );

  test.each([
    ['"14.4"', '14.4'],
    ['null', null],
    ['a list', [1, 2]],
    ['an object', { a: 1, b: '\u0000é' }],
    ['true', true],
    ['finer than a tenth', 14.44],
    ['a long text', 'x,'.repeat(10_000)],
  ])('an element that is %s is refused for its value and the other elements are not', (_, value) => {
    expect(verdictsOf({ TMAX: value, SNOW: 0 })).toEqual(['bad-value', 'value']);
  });

  test('a number under a name that is no element is refused for its element, other fields are left out', () => {
    expect(
      verdictsOf({ SNOW: 0, tmax: 14.4, 'a,b': 1, elevation: 700, name: 'TUCSON', note: 'x', flags: ['a'] }),
    ).toEqual(['value', 'bad-element', 'bad-element']);
  });

  test('names that objects know are data like any other', () => {
    const text = '{"station_id":"USC00028815","date":"2016-01-01","__proto__":5,"constructor":6,"toString":"x"}';
    expect(jsonDocumentLines(text).map(parseGhcnLine)).toEqual([
      { kind: 'invalid', reason: 'bad-element' },
      { kind: 'invalid', reason: 'bad-element' },
    ]);
    expect(jsonDocumentLines('{"__proto__":{"id":"x"},"station":{"__proto__":{"id":"y"}}}')).toHaveLength(1);
  });

  test('-9999 in plain units of an element without tenths is missing', () => {
    expect(verdictsOf({ SNOW: -9999 })).toEqual(['missing']);
  });

  test.each([
    ['', 'malformed-line'],
    ['not json', 'malformed-line'],
    ['[{"station_id":"USC00028815"}]', 'malformed-line'],
    ['null', 'malformed-line'],
    ['"text"', 'malformed-line'],
    ['{"date":"2016-01-01","TMAX":1}', 'malformed-line'],
    ['{"station_id":7,"date":"2016-01-01","TMAX":1}', 'malformed-line'],
    ['{"station_id":"a,b","date":"2016-01-01","TMAX":1}', 'malformed-line'],
    ['{"station_id":"USC00028815","TMAX":1}', 'malformed-line'],
    ['{"station_id":"USC00028815","date":20160101,"TMAX":1}', 'malformed-line'],
    ['{"station_id":"USC00028815","date":"2016-01-01"}', 'malformed-line'],
    ['{"station":null,"date":"2016-01-01","TMAX":1}', 'malformed-line'],
    ['USC00028815,20160101,TMAX,144,,,7', 'malformed-line'],
  ])('%j passes unchanged and is one invalid record', (line, reason) => {
    expect(jsonDocumentLines(line)).toEqual([line]);
    expect(parseGhcnLine(line)).toEqual({ kind: 'invalid', reason });
  });

  test('a station that is not in the right form is refused as a station', () => {
    expect(linesOf({ station_id: 'SHORT', date: '2016-01-01', SNOW: 1 }).map(parseGhcnLine)).toEqual([
      { kind: 'invalid', reason: 'bad-station' },
    ]);
  });

  test('no JSON at all makes the reader throw or lose a line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
        expect(jsonDocumentLines(text).length).toBeGreaterThan(0);
      }),
    );
  });

  test('the reader gives the documents of a file in their order and keeps nothing back', () => {
    const reader = openReader(noaaJson);
    expect(reader.read([JSON.stringify(NESTED), 'x'])).toEqual([...linesOf(NESTED), 'x']);
    expect(reader.end()).toEqual([]);
  });
});
