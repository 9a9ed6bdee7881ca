/** An integer in a JSON text whose digits a double does not keep. */
export interface LongInteger {
  /** As written, with its sign. */
  readonly digits: string;
  readonly start: number;
  readonly endExclusive: number;
}

/** Fewest digits with which an integer can pass 2^53, the end of what doubles count without gaps. */
const MIN_DIGITS = 16;

/**
 * Integers of a JSON text that come out of `JSON.parse` with other digits, in order. Costs one look at every sixteenth
 * character, until 16 digits in a row turn up outside of quotes.
 *
 * Only integers count that are written as integers: 1e21 and 0.1 were doubles at the producer. An integer keeps its
 * digits if the double has them in its shortest form, the one in which it is written again: so 9007199254740994 is kept, and
 * of the many integers that share a double at most one is.
 *
 * @example
 * ```ts
 * longIntegersIn('[9007199254740994, "12345678901234567890", 1e21]'); // []
 * longIntegersIn('{"id":12345678901234567890}'); // [{ digits: '12345678901234567890', start: 6, endExclusive: 26 }]
 * ```
 */
export const longIntegersIn = (text: string): readonly LongInteger[] => {
  // Sixteen digits in a row cannot slip between two places that are 16 apart.
  for (let at = MIN_DIGITS - 1; at < text.length; at += MIN_DIGITS) {
    if (isDigit(text.charCodeAt(at)) && mayBeInteger(text, at)) return scanned(text);
  }
  return [];
};

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Whether the digits around a place are enough, and stand where JSON has numbers; a text in quotes may look the same. */
const mayBeInteger = (text: string, at: number): boolean => {
  let start = at;
  while (isDigit(text.charCodeAt(start - 1))) start -= 1;
  let end = at + 1;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end - start >= MIN_DIGITS && BEFORE.includes(text.charAt(start - 1)) && AFTER.includes(text.charAt(end));
};

/** The empty text of `charAt` is in both of them: a document may be nothing but a number. */
const BEFORE = '-:,[ \n\r\t';
const AFTER = ',]} \n\r\t';

const INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/gu;

/** Reads quotes from the beginning of the text, because nothing less tells what is inside of them. */
const scanned = (text: string): readonly LongInteger[] => {
  const found: LongInteger[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    if (end - at >= MIN_DIGITS) {
      for (const { 0: digits, index } of text.slice(at, end).matchAll(INTEGER)) {
        const start = at + index;
        if (!keepsDigits(digits)) found.push({ digits, start, endExclusive: start + digits.length });
      }
    }
    at = quote < 0 ? text.length : afterString(text, quote);
  }
  return found;
};

const afterString = (text: string, openingAt: number): number => {
  let at = openingAt + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    at = quote + 1;
    if (backslashes % 2 === 0) return at;
  }
};

/** `toExponential` gives the digits in which a double is written, without the zeros that fill it up. */
const keepsDigits = (literal: string): boolean => {
  const digits = literal.replace('-', '');
  const significant = digits.replace(/0+$/u, '');
  const fraction = significant.slice(1);
  const exponential = `${significant.charAt(0)}${fraction === '' ? '' : `.${fraction}`}e+${String(digits.length - 1)}`;
  return Number(digits).toExponential() === exponential;
};
