const MAX_QUOTED_CHARS = 60;

/**
 * A JSON value as an error shows it: short, on one line, without control characters.
 *
 * @example
 * ```ts
 * quoted('a\nb'); // '"a\\nb"'
 * quoted(7); // '7'
 * ```
 */
export const quoted = (value: unknown): string => {
  // JSON does not escape DEL and the C1 controls.
  const text = JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, '\ufffd');
  return text.length <= MAX_QUOTED_CHARS ? text : `${text.slice(0, MAX_QUOTED_CHARS)}...`;
};

/** The non-blank lines of a text, with their numbers from 1 and without carriage returns. */
export const filledLines = (text: string): { readonly number: number; readonly text: string }[] =>
  text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.endsWith('\r') ? line.slice(0, -1) : line }))
    .filter((line) => line.text.trim() !== '');
