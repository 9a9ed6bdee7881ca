import { isPrintableAscii } from '../model/char-class.ts';

const MAX_FIELD_CHARS = 100;
const NOT_A_FIELD = /[^\x20-\x7e]|,/g;

/**
 * Makes a text from another format fit for one field of a raw line, so that the line keeps its 8 fields and the parser finds the
 * wrong one: each comma and each character that is not printable ASCII becomes `?`, and text beyond 100 characters is cut.
 *
 * @example
 * ```ts
 * csvField('[1,2]'); // '[1?2]'
 * ```
 */
export const csvField = (text: string): string => text.slice(0, MAX_FIELD_CHARS).replace(NOT_A_FIELD, '?');

/** Whether a text can be a field unchanged; see {@link csvField}. */
export const isCsvField = (text: string): boolean => {
  if (text.length > MAX_FIELD_CHARS) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA || !isPrintableAscii(code)) return false;
  }
  return true;
};

const COMMA = 0x2c;
