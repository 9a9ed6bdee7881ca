const GROUPED = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/**
 * A number as people read it, rounded to a whole one.
 *
 * @example
 * ```ts
 * grouped(1070184); // '1,070,184'
 * ```
 */
export const grouped = (value: number): string => GROUPED.format(value);

/**
 * A time span to read at a glance: whole seconds below a minute, then minutes and seconds, then hours and minutes.
 *
 * @example
 * ```ts
 * spanText(9_400); // '9 s'
 * spanText(75_000); // '1:15 min'
 * spanText(7_500_000); // '2:05 h'
 * ```
 */
export const spanText = (spanMs: number): string => {
  const seconds = Math.round(spanMs / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  const twoDigits = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${String(minutes)}:${twoDigits(seconds % 60)} min`
    : `${String(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)} h`;
};
