import { toPlainUnits } from './units.ts';

/** From the lowest to the highest temperature of a day in degrees Celsius; `gte` is never above `lte`. */
interface TemperatureRange {
  readonly gte: number;
  readonly lte: number;
}

/** What is odd about an observation that is otherwise good. */
const QualityMark = { InvertedRange: 'inverted-range' } as const;
type QualityMark = (typeof QualityMark)[keyof typeof QualityMark];

/**
 * The measured part of an observation: one number per element in plain units, and what follows from them under `TRANGE`
 * (a {@link TemperatureRange}) and `quality`. No element can have one of those two names: they are not four characters.
 */
export type Measurements = Readonly<Record<string, number | TemperatureRange | readonly QualityMark[]>>;

/**
 * Puts the raw integers of one station and day together.
 *
 * Elements are sorted by name, so the order of arrival leaves no trace; `TRANGE` follows, then `quality`. If TMIN is above TMAX,
 * both stay as reported, `quality` says so, and `TRANGE` is absent: such a range is empty.
 * The elements must be valid and different names.
 *
 * @example
 * ```ts
 * measurementsOf([['TMIN', 11], ['SNOW', 5], ['TMAX', 144]]); // { SNOW: 5, TMAX: 14.4, TMIN: 1.1, TRANGE: { gte: 1.1, lte: 14.4 } }
 * measurementsOf([['TMAX', 11], ['TMIN', 144]]); // { TMAX: 1.1, TMIN: 14.4, quality: ['inverted-range'] }
 * ```
 */
export const measurementsOf = (raw: Iterable<readonly [element: string, value: number]>): Measurements => {
  const plain = Array.from(raw, ([element, value]) => [element, toPlainUnits(element, value)] as const);
  plain.sort(([one], [other]) => (one < other ? -1 : 1));
  // Defines properties and never assigns them, so that no name can reach a prototype.
  const elements = Object.fromEntries(plain);
  const { TMIN: gte, TMAX: lte } = elements;
  if (gte === undefined || lte === undefined) return elements;
  return gte <= lte ? { ...elements, TRANGE: { gte, lte } } : { ...elements, quality: [QualityMark.InvertedRange] };
};
