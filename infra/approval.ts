const OPTION = '--require-approval';

/**
 * The option that says which changes a person has to approve, with our preset; nothing where the user has said it, because the
 * CDK takes it once only.
 *
 * @example
 * ```ts
 * approval('broadening', []); // ['--require-approval', 'broadening']
 * approval('broadening', ['--require-approval=never']); // []
 * ```
 */
export const approval = (preset: 'broadening' | 'never', options: readonly string[]): readonly string[] =>
  options.some((option) => option === OPTION || option.startsWith(`${OPTION}=`)) ? [] : [OPTION, preset];
