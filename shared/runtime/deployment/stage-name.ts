/** What a stage may be called, in words of an error. */
export const STAGE_NAMES = '1 to 32 letters, digits and -, with no - at either end';

/**
 * Whether a stage may be called so; see {@link STAGE_NAMES}.
 *
 * @example
 * ```ts
 * isStageName('prod-2'); // true
 * isStageName('-prod'); // false
 * ```
 */
export const isStageName = (text: string): boolean => /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/u.test(text);
