import { describe, expect, test } from '@jest/globals';
import { LINE_FORMATS } from '../../../../functions/weather/formats/formats.ts';
import { openReader } from '../../../../shared/source/input-format.ts';

describe('input formats', () => {
  test('the three formats have the names of the command line', () => {
    expect(LINE_FORMATS.map(({ name }) => name)).toEqual(['ghcn-csv', 'ghcn-dly', 'noaa-json']);
  });

  test('raw CSV passes as it is, without being copied', () => {
    const lines = ['USC00028815,20160101,TMAX,144,,,7,', 'anything'];
    const reader = openReader(LINE_FORMATS[0]);
    expect(reader.read(lines)).toBe(lines);
    expect(reader.end()).toEqual([]);
  });

  test.each(LINE_FORMATS)('two files read with $name at the same time do not touch each other', (format) => {
    const line = `USC00028815201601TMAX${'-9999   '.repeat(31)}`;
    const [one, other] = [openReader(format), openReader(format)];
    one.read([line]);
    expect(other.end()).toEqual([]);
  });
});
