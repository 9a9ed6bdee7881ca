import { describe, expect, test } from '@jest/globals';
import { lineLocator } from '../../../../functions/weather/model/location.ts';
import type { Station } from '../../../../functions/weather/model/station.ts';

const station = (id: string, stateCode?: string): [string, Station] => [
  id,
  {
    id,
    country_code: id.slice(0, 2),
    ...(stateCode === undefined ? {} : { state_code: stateCode }),
    location: { lat: 0, lon: 0 },
    name: 'X',
  },
];

const locationOf = lineLocator(
  new Map([station('USC00028815', 'AZ'), station('GME00102292'), station('CA006144470', 'ON')]),
);

describe('the location of a line', () => {
  test.each([
    ['USC00028815,20160101,TMAX,144,,,7,', 'US-AZ'],
    ['CA006144470,18720101,PRCP,0,,,C,', 'CA-ON'],
    ['GME00102292,20160101,TMAX,144,,,,', 'GM'],
    ['USC00099999,20160101,TMAX,144,,,,', 'US'],
    ['USC00028815', 'US'],
    ['US', 'US'],
    ['USC00028815;20160101', 'US'],
    ['U', 'unknown'],
    ['', 'unknown'],
    [',US', 'unknown'],
    ['us000000000,20160101', 'unknown'],
    ['"USC00028815",20160101', 'unknown'],
    ['__proto__,20160101', 'unknown'],
    ['\u0000\ufffd', 'unknown'],
    ['{"station_id":"USC00028815"}', 'unknown'],
  ])('%j goes to %s', (line, location) => {
    expect(locationOf(line)).toBe(location);
  });
});
