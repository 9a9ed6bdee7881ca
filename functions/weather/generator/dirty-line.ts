import type { Chance } from './chance.ts';
import { Purpose } from './purpose.ts';

/** The fields of a raw line, before it is written. */
export interface RawFields {
  readonly stationId: string;
  readonly date: string;
  readonly element: string;
  readonly value: number;
  readonly measurementFlag: string;
  readonly sourceFlag: string;
  readonly hour: string;
}

const QUALITY_FLAGS = 'DGIKLNORSTXZ';

const written = (
  { stationId, date, element, value, measurementFlag, sourceFlag, hour }: RawFields,
  qualityFlag = '',
): string => `${stationId},${date},${element},${value},${measurementFlag},${qualityFlag},${sourceFlag},${hour}`;

type Soiling = (fields: RawFields, detail: number) => readonly string[];

/** What can happen to a line, with its share of all lines; flags and gaps are as frequent as in NOAA's 2016, breakage is rarer than life. */
const SOILINGS: readonly { readonly share: number; readonly soil: Soiling }[] = [
  { share: 0.008, soil: (fields) => [written({ ...fields, value: -9_999, measurementFlag: '' })] },
  {
    share: 0.001_1,
    soil: (fields, detail) => [written(fields, QUALITY_FLAGS.charAt(Math.floor(detail * QUALITY_FLAGS.length)))],
  },
  {
    share: 0.000_5,
    soil: (fields, detail) => [
      written(fields),
      written({ ...fields, value: fields.value + Math.floor(detail * 30) - 15 }),
    ],
  },
  {
    share: 0.000_1,
    soil: (fields, detail) => [
      written({ ...fields, date: fields.date.slice(0, 4) + (detail < 0.5 ? '0231' : '1301') }),
    ],
  },
  { share: 0.000_1, soil: (fields, detail) => [written(fields).slice(0, 12 + Math.floor(detail * 16))] },
  { share: 0.000_1, soil: (fields) => [`${written(fields)},`] },
  { share: 0.000_1, soil: (fields) => [written(fields).replace(`,${fields.value},`, ',n/a,')] },
  { share: 0.000_05, soil: (fields) => [written({ ...fields, element: '__proto__' })] },
  { share: 0.000_05, soil: (fields) => [written({ ...fields, stationId: fields.stationId.slice(0, 8) })] },
  { share: 0.000_05, soil: (_fields, detail) => [garbage(detail)] },
  { share: 0.000_05, soil: (fields) => [`"${written(fields).replaceAll(',', '","')}"`] },
];

/**
 * Writes a line, nearly always as it should be; else with one of the faults real files have. A repeated element makes it two lines.
 *
 * `station`, `day` and `place` (of the line in its day) name the random numbers.
 */
export const dirtyLines = (
  chance: Chance,
  fields: RawFields,
  station: number,
  day: number,
  place: number,
): readonly string[] => {
  let draw = chance.uniform(Purpose.LineDirt + place, station, day);
  for (const { share, soil } of SOILINGS) {
    if (draw < share) return soil(fields, chance.uniform(Purpose.LineDirtDetail + place, station, day));
    draw -= share;
  }
  return [written(fields)];
};

/** A line as it comes out of a broken transmission: letters, NUL, bytes that were no UTF-8. */
const garbage = (detail: number): string => {
  let bits = Math.floor(detail * 0x7fffffff) | 1;
  let text = '';
  for (let length = 8 + (bits % 40); length > 0; length -= 1) {
    bits = Math.imul(bits, 48_271) & 0x7fffffff;
    const code = (bits >>> 8) & 0xff;
    text += code > 0x7e ? '\ufffd' : code === 0x0a || code === 0x0d ? '\u0000' : String.fromCharCode(code);
  }
  return text;
};
