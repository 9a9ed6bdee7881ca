import { isDigit, isUpperLetter } from './char-class.ts';

/** Characters of an element's name. */
export const ELEMENT_CHARS = 4;

/**
 * Whether an element's name stands at a place in a text: four of A to Z and 0 to 9, such as `TMAX` or `SN32`.
 *
 * So no name an object already knows (`__proto__`) can be an element. What follows the four characters is not looked at.
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
