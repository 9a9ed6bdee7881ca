import { describe, expect, test } from '@jest/globals';
import type { Alert } from '../../../../../functions/weather/streams.ts';
import { call, errorCode, keysOf, pagesOf, rowsOf } from '../../../../runtime/lambda/api/support/call.ts';
import { alertOn, weatherApi } from './weather-api.ts';

const TUCSON = 'USC00028815';
const OTHER = 'USC00020001';
const BERLIN = 'GMM00010384';

const said = {
  tucsonNewYear: alertOn('2016-01-01', TUCSON, 'US-AZ'),
  otherNewYear: alertOn('2016-01-01', OTHER, 'US-AZ'),
  tucsonSlash: alertOn('2016-01-02', TUCSON, 'US-AZ', 'a/b'),
  tucsonFebruary: alertOn('2016-02-01', TUCSON, 'US-AZ'),
  country: alertOn('2016-01-01', 'USC00029999', 'US'),
  longerName: alertOn('2016-01-01', 'USW00099999', 'US-AZZ'),
  berlin: alertOn('2016-01-01', BERLIN, 'GM'),
};
const { handler } = await weatherApi(Object.values(said));
const asked = (query: string): ReturnType<typeof call> => call(handler, `/alerts?${query}`);
const keyOf = ({ location, date, id }: Alert): string => `${location}/${date}/${id}`;

describe('alerts are found', () => {
  test.each<readonly [string, readonly Alert[]]>([
    ['location=US-AZ', [said.otherNewYear, said.tucsonNewYear, said.tucsonSlash, said.tucsonFebruary]],
    ['location=US', [said.country]],
    ['location=FR', []],
    ['location=US-AZ&from=2016-01-02', [said.tucsonSlash, said.tucsonFebruary]],
    ['location=US-AZ&to=2016-01-02', [said.otherNewYear, said.tucsonNewYear]],
    ['location=US-AZ&from=2016-01-02&to=2016-02-01', [said.tucsonSlash]],
    [`location=US-AZ&station=${OTHER}`, [said.otherNewYear]],
    [`location=US&station=${TUCSON}`, []],
    [`station=${TUCSON}`, [said.tucsonNewYear, said.tucsonSlash, said.tucsonFebruary]],
    [`station=${BERLIN}`, [said.berlin]],
    [`station=${TUCSON}&from=2016-01-15`, [said.tucsonFebruary]],
  ])('%s', async (query, expected) => {
    const { status, body } = await asked(query);
    expect([status, body]).toEqual([200, { rows: expected.map((alert) => ({ key: keyOf(alert), value: alert })) }]);
  });

  test('in pages, each alert once', async () => {
    for (const query of ['location=US-AZ', `station=${TUCSON}`]) {
      const pages = await pagesOf(handler, `/alerts?${query}&limit=1`);
      expect(pages.flat()).toEqual(keysOf(await asked(query)));
    }
  });
});

describe('a query is refused', () => {
  test.each([
    ['', 'location or station is missing: give one of them, or both'],
    ['from=2016-01-01', 'location or station is missing: give one of them, or both'],
    ['location=', 'location must be a location such as US-AZ, without \'/\', got ""'],
    ['location=US/2016', 'location must be a location such as US-AZ, without \'/\', got "US/2016"'],
    ['location=US%00', 'location must be a location such as US-AZ, without \'/\', got "US\\u0000"'],
    [
      `location=${encodeURIComponent('\u{1F300}'.repeat(256))}`,
      `location must be a location such as US-AZ, without '/', got "${'\u{1F300}'.repeat(30)}"...`,
    ],
    ['location=US&location=GM', 'the parameter "location" is given twice: give it once'],
    ['station=USC0002881', 'station must be an 11-character station ID such as USC00028815, got "USC0002881"'],
    ['location=US&from=2016-1-1', 'from must be a date such as 2016-01-31, got "2016-1-1"'],
    ['location=US&from=2015-02-29', 'from must be a date such as 2016-01-31, got "2015-02-29"'],
    [
      'location=US&from=2016-01-02&to=2016-01-02',
      'to is the first day that is left out: it must be later than 2016-01-02',
    ],
    ['location=US&date=2016-01-01', 'unknown parameter "date"; allowed are location, station, from, to, limit, cursor'],
  ])('%s', async (query, message) => {
    const { status, body } = await asked(query);
    expect([status, body]).toMatchObject([400, { error: { code: 'bad-parameter', message } }]);
  });

  test('for a station that the list does not have', async () => {
    const answer = await asked('station=USC00000000');
    expect([answer.status, errorCode(answer)]).toEqual([404, 'no-such-station']);
  });

  test('with a cursor of another place, station or time', async () => {
    const first = await asked(`station=${TUCSON}&limit=1`);
    const cursor = String(new Map(Object.entries(first.body ?? {})).get('cursor'));
    expect((await asked(`station=${TUCSON}&cursor=${cursor}`)).status).toBe(200);
    for (const other of [
      'location=US-AZ',
      `station=${OTHER}`,
      `station=${TUCSON}&from=2016-01-01`,
      `station=${BERLIN}`,
    ]) {
      expect(errorCode(await asked(`${other}&cursor=${cursor}`))).toBe('bad-cursor');
    }
  });
});

test('a station with few alerts in a place with many costs a bounded number of rows a page', async () => {
  const many = Array.from({ length: 3000 }, (_, index) =>
    alertOn('2016-01-01', OTHER, 'US-AZ', String(index).padStart(5, '0')),
  );
  const one = alertOn('2016-01-02', TUCSON, 'US-AZ');
  const busy = await weatherApi([...many, one]);
  const first = await call(busy.handler, `/alerts?station=${TUCSON}`);
  expect([rowsOf(first), busy.log.rowsRead()]).toEqual([[], 2000]);
  expect(await pagesOf(busy.handler, `/alerts?station=${TUCSON}`)).toEqual([[], [keyOf(one)]]);
});
