import { describe, expect, test } from '@jest/globals';
import { readText } from '../../../../shared/source/read-text.ts';
import { FileContentError } from '../../../../shared/source/user-error.ts';
import type { Stations } from '../../../../functions/weather/model/station.ts';
import { parseStationList } from '../../../../functions/weather/model/station-list.ts';
import { describeWithData } from '../../../support/real-data.ts';

const COUNTRIES = 'AE United Arab Emirates \nCA Canada\nUS United States   \n';
const STATES = 'AZ ARIZONA\nBC BRITISH COLUMBIA    \n';
const TUCSON = 'USC00028815  32.2292 -110.9536  742.2 AZ TUCSON 17 NW                   HCN      ';
const SHARJAH = 'AE000041196  25.3330   55.5170   34.0    SHARJAH INTER. AIRP            GSN     41196';
const NOWHERE = 'US1AZMR0156  33.6800 -111.9600 -999.9 AZ SCOTTSDALE 1.1 S                        ';

const parse = (stations: string, countries = COUNTRIES, states = STATES): Stations =>
  parseStationList({
    stations: { file: 'stations.txt', text: stations },
    countries: { file: 'countries.txt', text: countries },
    states: { file: 'states.txt', text: states },
  });

const errorOf = (...texts: Parameters<typeof parse>): FileContentError => {
  try {
    parse(...texts);
  } catch (error) {
    if (error instanceof FileContentError) return error;
    throw error;
  }
  throw new Error('no error');
};

describe('the station list', () => {
  test('a station has its country, state, place, height and trimmed name', () => {
    expect(parse(TUCSON).get('USC00028815')).toEqual({
      id: 'USC00028815',
      country_code: 'US',
      country: 'United States',
      state_code: 'AZ',
      state: 'ARIZONA',
      location: { lat: 32.2292, lon: -110.9536 },
      elevation: 742.2,
      name: 'TUCSON 17 NW',
    });
  });

  test('a station without state or height has no such fields', () => {
    expect(parse(SHARJAH).get('AE000041196')).toEqual({
      id: 'AE000041196',
      country_code: 'AE',
      country: 'United Arab Emirates',
      location: { lat: 25.333, lon: 55.517 },
      elevation: 34,
      name: 'SHARJAH INTER. AIRP',
    });
    expect(parse(NOWHERE).get('US1AZMR0156')).not.toHaveProperty('elevation');
  });

  test('a single code without a name leaves the name out', () => {
    const stations = parse([TUCSON, SHARJAH, NOWHERE].join('\n'), 'US United States', STATES);
    expect(stations.get('AE000041196')).not.toHaveProperty('country');
    expect(stations.get('AE000041196')).toMatchObject({ country_code: 'AE' });
  });

  test('line ends of Windows, blank lines at the end and cut trailing blanks make no difference', () => {
    const texts = [[TUCSON, SHARJAH].join('\n'), `${TUCSON.trimEnd()}\r\n${SHARJAH}\r\n\r\n`];
    const [first, second] = texts.map((text) => [...parse(text).values()]);
    expect(second).toEqual(first);
  });

  test.each([
    ['', 'stations.txt: not a station list: the file is empty'],
    ['\n\n', 'stations.txt: not a station list: the file is empty'],
    [COUNTRIES, 'stations.txt, line 1: not a station list: a line must begin with an 11-character ID'],
    ['USC00028815,20160101,TMAX,144,,,7,', 'stations.txt, line 1: not a station list'],
    ['\u0000\u0001\u001b[31m', 'stations.txt, line 1: not a station list'],
    [`${TUCSON}\nUSC00028815`, 'stations.txt, line 2: not a station list'],
    [`${TUCSON}\n${TUCSON}`, 'stations.txt, line 2: station USC00028815 is in the list twice'],
    [TUCSON.replace(' 32.2292', ' 92.2292'), 'line 1: the latitude (columns 13 to 20) must be a number from -90 to 90'],
    [TUCSON.replace('-110.9536', '   x.9536'), 'the longitude (columns 22 to 30)'],
    [TUCSON.replace(' 742.2', '      '), 'the elevation (columns 32 to 37)'],
    [TUCSON.replace(' 742.2', ' 1e3  '), 'the elevation (columns 32 to 37) must be a number of metres'],
    [TUCSON.replace(' AZ ', ' az '), 'the state (columns 39 to 40)'],
  ])('%j is refused', (text, message) => {
    expect(errorOf(text).message).toContain(message);
    expect(errorOf(text).message).not.toMatch(/[\n\u0000-\u001f]/);
  });

  test.each([
    ['', 'countries.txt: not a country list: the file is empty'],
    [TUCSON, 'countries.txt, line 1: not a country list'],
    ['US United States\nus small', 'countries.txt, line 2: not a country list'],
    ['US United States\nCA', 'countries.txt, line 2'],
    ['US United States\nUS Again', 'countries.txt, line 2: the country code US is in the list twice'],
  ])('a country list %j is refused', (countries, message) => {
    expect(errorOf(TUCSON, countries).message).toContain(message);
  });

  test('lists that were mixed up are noticed', () => {
    expect(errorOf(TUCSON, STATES, COUNTRIES).message).toMatch(
      /^countries\.txt: not the country list of these stations/,
    );
    expect(errorOf(TUCSON, COUNTRIES, COUNTRIES).message).toMatch(/^states\.txt: not the state list of these stations/);
  });
});

const LISTS = ['ghcnd/ghcnd-stations.txt.gz', 'ghcnd/ghcnd-countries.txt', 'ghcnd/ghcnd-states.txt'];

describeWithData('the real lists', LISTS, (stationsPath, countriesPath, statesPath) => {
  test('all stations are read, with the counts of a plain look at the columns', async () => {
    const text = await readText(stationsPath);
    const stations = parse(text, await readText(countriesPath), await readText(statesPath));
    const lines = text.split('\n').slice(0, -1);
    expect(stations.size).toBe(53_584);
    const rows = [...stations.values()];
    expect(rows.filter(({ elevation }) => elevation === undefined)).toHaveLength(432);
    expect(rows.filter(({ state_code: code }) => code !== undefined)).toHaveLength(
      lines.filter((line) => line.slice(38, 40) !== '  ').length,
    );
    expect(rows.filter(({ country }) => country === undefined)).toEqual([]);
    expect(rows.filter(({ state_code: code, state }) => code !== undefined && state === undefined)).toEqual([]);
    expect(
      rows.every(({ name, country, state }) => [name, country, state].every((words) => words === words?.trim())),
    ).toBe(true);
    expect(stations.get('USW00003192')).toMatchObject({ state_code: 'AZ', state: 'ARIZONA', country: 'United States' });
  });
});
