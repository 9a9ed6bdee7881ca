import { isUpperLetter } from './char-class.ts';
import { FileContentError, type SourceText } from '../../../shared/source/user-error.ts';
import { filledLines, quoted } from './source-text.ts';

const NAME_COLUMN = 3;

/**
 * Reads `ghcnd-countries.txt` or `ghcnd-states.txt`: a code of two letters in columns 1 and 2, the name from column 4.
 *
 * Blanks around a name are not part of it. Throws a {@link FileContentError} for an empty file, a line of another form or a
 * code that comes twice.
 */
export const parseCodeList = ({ file, text }: SourceText, what: 'country' | 'state'): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const line of filledLines(text)) {
    const code = line.text.slice(0, 2);
    const name = line.text.slice(NAME_COLUMN).trim();
    if (!isTwoLetters(code) || line.text.charAt(2) !== ' ' || name === '') {
      throw new FileContentError(
        file,
        line.number,
        `not a ${what} list: a line must be two capital letters, a blank and a name, as in NOAA's ${NOAA_FILES[what]}, got ${quoted(line.text)}`,
      );
    }
    if (names.has(code)) {
      throw new FileContentError(
        file,
        line.number,
        `the ${what} code ${code} is in the list twice: keep one of the lines`,
      );
    }
    names.set(code, name);
  }
  if (names.size === 0) {
    throw new FileContentError(
      file,
      undefined,
      `not a ${what} list: the file is empty; give NOAA's ${NOAA_FILES[what]}`,
    );
  }
  return names;
};

const NOAA_FILES = { country: 'ghcnd-countries.txt', state: 'ghcnd-states.txt' } as const;

const isTwoLetters = (code: string): boolean =>
  code.length === 2 && isUpperLetter(code.charCodeAt(0)) && isUpperLetter(code.charCodeAt(1));
