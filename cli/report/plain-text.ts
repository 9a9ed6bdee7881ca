/**
 * Text on one line, with nothing in it that a terminal would obey: what came from records may hold anything.
 *
 * @example
 * ```ts
 * plainText('a\u001b[2Jb'); // 'a [2Jb'
 * ```
 */
export const plainText = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/gu, ' ');
