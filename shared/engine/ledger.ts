/**
 * Whether the record at `position` of `lane` is in the state that this ledger belongs to: its position is not after the last
 * one applied of its lane, or is among the siblings applied.
 */
export const hasApplied = (ledger: Readonly<Record<string, string>>, lane: string, position: string): boolean => {
  const applied = ledger[lane];
  return applied !== undefined && isAtOrBefore(position, applied);
};

/** The same for one entry of a ledger. */
export const isAtOrBefore = (position: string, applied: string): boolean => {
  const at = position.indexOf(SIBLING);
  if (at < 0 || !applied.startsWith(position.slice(0, at + 1))) return position <= applied;
  return `${NEXT}${applied.slice(at + 1)}${NEXT}`.includes(`${NEXT}${position.slice(at + 1)}${NEXT}`);
};

/** The entry after this position is applied as well. Siblings have no order, so the newest record's are kept as a set. */
export const withApplied = (applied: string | undefined, position: string): string => {
  if (applied === undefined) return position;
  const at = position.indexOf(SIBLING);
  return at >= 0 && applied.startsWith(position.slice(0, at + 1))
    ? `${applied}${NEXT}${position.slice(at + 1)}`
    : position;
};

/** What a position has in place of an order among siblings; see `siblingPosition`. */
const SIBLING = '~';
const NEXT = ',';
