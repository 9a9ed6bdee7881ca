const MOST_CHARACTERS = 60;

/**
 * Text of a client as an error shows it to the client: quoted, short, and with nothing a terminal or a log would obey.
 *
 * @example
 * ```ts
 * shown('US-AZ'); // '"US-AZ"'
 * shown('a\nb'); // '"a\\nb"'
 * ```
 */
export const shown = (text: string): string => {
  // JSON leaves DEL and the C1 controls as they are.
  const quoted = JSON.stringify(text.slice(0, MOST_CHARACTERS)).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, '\ufffd');
  return text.length <= MOST_CHARACTERS ? quoted : `${quoted}...`;
};
