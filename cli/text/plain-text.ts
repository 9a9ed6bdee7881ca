const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/gu;
const NOT_ONE_COLUMN = /[^\u0020-\u007e\u00a1-\u02ff]/gu;

/**
 * Text on one line, with nothing in it that a terminal would obey: what came from a record or a file name may hold anything.
 *
 * A run of control characters and line ends becomes one blank, or its escapes where `as` asks for them. With `columns` every
 * character that may not take exactly one column becomes `?`, for text that is laid out by its length.
 *
 * @example
 * ```ts
 * toPlainText('a\u001b[2Jb'); // 'a [2Jb'
 * toPlainText('a\u001b[2Jb', 'escapes'); // 'a\\u001b[2Jb'
 * toPlainText('a\tb\u4e2d', 'columns'); // 'a?b?'
 * ```
 */
export const toPlainText = (text: string, as: 'blanks' | 'escapes' | 'columns' = 'blanks'): string => {
  switch (as) {
    case 'blanks':
      return text.replaceAll(CONTROL_CHARACTERS, ' ');
    case 'escapes':
      return text.replaceAll(CONTROL_CHARACTERS, escaped);
    case 'columns':
      return text.replaceAll(NOT_ONE_COLUMN, '?');
  }
};

const escaped = (characters: string): string =>
  Array.from(characters, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
