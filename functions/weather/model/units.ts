/** The elements NOAA keeps in tenths (of a degree, a millimetre, a metre per second). */
const IN_TENTHS: ReadonlySet<string> = new Set([
  'TMAX',
  'TMIN',
  'PRCP',
  'AWND',
  'EVAP',
  'MDEV',
  'MDPR',
  'MDTN',
  'MDTX',
  'MNPN',
  'MXPN',
  'TAVG',
  'THIC',
  'TOBS',
  'WESD',
  'WESF',
  'WSF1',
  'WSF2',
  'WSF5',
  'WSFG',
  'WSFI',
  'WSFM',
]);

// Far above the noise of a double, far below a tenth.
const ROUNDING_SLACK = 1e-6;

/**
 * A raw integer in plain units: tenths divided by ten, any other element unchanged.
 *
 * @example
 * ```ts
 * toPlainUnits('TMAX', 144); // 14.4
 * toPlainUnits('SNOW', 144); // 144
 * ```
 */
export const toPlainUnits = (element: string, raw: number): number =>
  // A quotient is rounded once, to the double nearest to it, and that is the one `14.4` is read as: no noise.
  IN_TENTHS.has(element) ? raw / 10 : raw;

/**
 * A value in plain units as the raw number of a GHCN line; the inverse of {@link toPlainUnits}.
 *
 * A value finer than a tenth is not rounded away: the result then is no integer, and so no valid raw value.
 *
 * @example
 * ```ts
 * toRawUnits('TMAX', 14.4); // 144
 * toRawUnits('TMAX', 0.3); // 3
 * toRawUnits('SNOW', 144); // 144
 * toRawUnits('TMAX', 14.44); // 144.4
 * ```
 */
export const toRawUnits = (element: string, plain: number): number => {
  if (!IN_TENTHS.has(element)) return plain;
  const tenths = plain * 10;
  const whole = Math.round(tenths);
  return Math.abs(tenths - whole) < ROUNDING_SLACK ? whole : tenths;
};
