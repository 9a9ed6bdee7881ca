import type { AlertRule } from './alert-rule.ts';

/** Finds the rules about a station without a look at all of them. */
export interface RuleIndex {
  /** In the order of rule ids, so that what a step emits has one order. */
  about(stationId: string, location: string): readonly AlertRule[];
}

/**
 * Indexes rules by what they are about: one station, one location, or everything.
 *
 * @example
 * ```ts
 * ruleIndex([{ id: 'frost', email: 'a@example.org', element: 'TMIN', op: '<=', threshold: 0, location: 'US-AZ', mode: 'every' }]).about('USC00028815', 'US-VT'); // []
 * ```
 */
export const ruleIndex = (rules: readonly AlertRule[]): RuleIndex => {
  const byPlace = new Map<string, AlertRule[]>();
  for (const rule of rules) {
    const place = placeOf(rule.station_id, rule.location);
    const there = byPlace.get(place);
    if (there === undefined) byPlace.set(place, [rule]);
    else there.push(rule);
  }
  const at = (place: string): readonly AlertRule[] => byPlace.get(place) ?? [];
  return {
    about: (stationId, location) =>
      [...at(placeOf(stationId)), ...at(placeOf(undefined, location)), ...at(placeOf())].sort((one, other) =>
        one.id < other.id ? -1 : 1,
      ),
  };
};

const placeOf = (stationId?: string, location?: string): string =>
  stationId !== undefined ? `station ${stationId}` : location !== undefined ? `location ${location}` : 'everywhere';
