import { Purpose, type SeededRandom } from './seeded-random.ts';

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

type Corruption = (fields: RawFields, detail: number) => readonly string[];

/** The ways a line may be corrupt, each with its share of all lines; flags and gaps are as frequent as in NOAA's 2016, broken lines rarer. */
const CORRUPTIONS: readonly { readonly share: number; readonly corrupt: Corruption }[] = [
  { share: 0.008, corrupt: (fields) => [written({ ...fields, value: -9_999, measurementFlag: '' })] },
  {
    share: 0.001_1,
    corrupt: (fields, detail) => [written(fields, QUALITY_FLAGS.charAt(Math.floor(detail * QUALITY_FLAGS.length)))],
  },
  {
    share: 0.000_5,
    corrupt: (fields, detail) => [
      written(fields),
      written({ ...fields, value: fields.value + Math.floor(detail * 30) - 15 }),
    ],
  },
  {
    share: 0.000_1,
    corrupt: (fields, detail) => [
      written({ ...fields, date: fields.date.slice(0, 4) + (detail < 0.5 ? '0231' : '1301') }),
    ],
  },
  { share: 0.000_1, corrupt: (fields, detail) => [written(fields).slice(0, 12 + Math.floor(detail * 16))] },
  { share: 0.000_1, corrupt: (fields) => [`${written(fields)},`] },
  { share: 0.000_1, corrupt: (fields) => [written(fields).replace(`,${fields.value},`, ',n/a,')] },
  { share: 0.000_05, corrupt: (fields) => [written({ ...fields, element: '__proto__' })] },
  { share: 0.000_05, corrupt: (fields) => [written({ ...fields, stationId: fields.stationId.slice(0, 8) })] },
  { share: 0.000_05, corrupt: (_fields, detail) => [garbage(detail)] },
  { share: 0.000_05, corrupt: (fields) => [`"${written(fields).replaceAll(',', '","')}"`] },
];

/**
 * Writes a line, nearly always intact, otherwise with one of the faults of real files. A repeated element makes it two lines.
 *
 * `station`, `day` and `place` (of the line in its day) select the random numbers.
 */
export const dirtyLines = (
  random: SeededRandom,
  fields: RawFields,
  station: number,
  day: number,
  place: number,
): readonly string[] => {
  let draw = random.uniform(Purpose.LineCorruption + place, station, day);
  for (const { share, corrupt } of CORRUPTIONS) {
    if (draw < share) return corrupt(fields, random.uniform(Purpose.LineCorruptionDetail + place, station, day));
    draw -= share;
  }
  return [written(fields)];
};

/** A line after a broken transmission: letters, NUL, bytes that were not UTF-8. */
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
