/**
 * Whether a ledger has the record at `position` of `lane`, or a later one of that lane.
 *
 * @example
 * ```ts
 * hasApplied({ 'sales@london': '0210' }, 'sales@london', '019'); // true
 * hasApplied({ 'sales@london': '0210' }, 'sales@london', '0211'); // false
 * hasApplied({}, 'sales@london', '011'); // false
 * ```
 */
export const hasApplied = (ledger: Readonly<Record<string, string>>, lane: string, position: string): boolean => {
  const reached = ledger[lane];
  return reached !== undefined && position <= reached;
};
