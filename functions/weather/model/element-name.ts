import { isDigit, isUpperLetter } from './char-class.ts';

/** Characters of an element's name. */
export const ELEMENT_CHARS = 4;

/**
 * Whether a text has an element's name at a position: four of A to Z and 0 to 9, such as `TMAX` or `SN32`.
 *
 * So no name with a meaning for objects (`__proto__`) can be an element. The text after the four characters is not checked.
 *
 * @example
 * ```ts
 * hasElementAt('20160101,TMAX,144', 9); // true
 * hasElementAt('tmax', 0); // false
 * ```
 */
export const hasElementAt = (text: string, at: number): boolean => {
  const end = at + ELEMENT_CHARS;
  if (text.length < end) return false;
  for (let place = at; place < end; place += 1) {
    const code = text.charCodeAt(place);
    if (!isUpperLetter(code) && !isDigit(code)) return false;
  }
  return true;
};

/** Whether a whole text is one element's name; see {@link hasElementAt}. */
export const isElementName = (text: string): boolean => text.length === ELEMENT_CHARS && hasElementAt(text, 0);
