import { processor } from '../../shared/processor/processor.ts';
import { wholeTable } from '../../shared/processor/table.ts';
import { AlertMode, ComparisonOp, type AlertRule } from './model/alert-rule.ts';
import { ruleIndex } from './model/rule-index.ts';
import { alerts, observations, type Alert, type Observation } from './streams.ts';
import { alertRules } from './tables.ts';

/** An episode that is going on: `YYYY-MM-DD` of the last alert or reminder about it. */
type Episodes = Readonly<Record<string, { readonly toldDate: string }>>;

const DAY_MS = 86_400_000;

/**
 * Decides what a rule has to say about an observation; acting on it is somebody else's. A rule whose element the
 * observation does not have learns nothing from it. Episodes of rules that are gone end silently.
 */
export const alert = processor({
  id: 'weather/alert',
  from: observations,
  to: { alerts },
  tables: { rules: wholeTable(alertRules, ruleIndex) },
  key: ({ station }) => station.id,
  initial: (): Episodes => ({}),
  step: ({ value: observation, state, tables: { rules } }) => {
    const said: Alert[] = [];
    const episodes = new Map<string, { readonly toldDate: string }>();
    for (const rule of rules.about(observation.station.id, observation.location)) {
      const open = state[rule.id];
      const value = observation[rule.element];
      if (typeof value !== 'number') {
        if (open !== undefined) episodes.set(rule.id, open);
        continue;
      }
      const kind = verdict(rule, matches(rule, value), open?.toldDate, observation.date);
      if (kind !== undefined) said.push(alertOf(rule, kind, observation, value));
      if (rule.mode !== AlertMode.Episode || !matches(rule, value)) continue;
      episodes.set(rule.id, { toldDate: kind === undefined ? (open?.toldDate ?? observation.date) : observation.date });
    }
    const changed = episodes.size > 0 || Object.keys(state).length > 0;
    return { ...(changed && { state: Object.fromEntries(episodes) }), emit: { alerts: said } };
  },
});

const verdict = (
  rule: AlertRule,
  isMatch: boolean,
  toldDate: string | undefined,
  date: string,
): Alert['kind'] | undefined => {
  if (rule.mode === AlertMode.Every) return isMatch ? 'alert' : undefined;
  if (toldDate === undefined) return isMatch ? 'alert' : undefined;
  if (!isMatch) return 'resolved';
  const daysSince = (Date.parse(date) - Date.parse(toldDate)) / DAY_MS;
  return rule.reminderDays !== undefined && daysSince >= rule.reminderDays ? 'reminder' : undefined;
};

const matches = ({ op, threshold }: AlertRule, value: number): boolean => {
  switch (op) {
    case ComparisonOp.AtMost:
      return value <= threshold;
    case ComparisonOp.Below:
      return value < threshold;
    case ComparisonOp.AtLeast:
      return value >= threshold;
    case ComparisonOp.Above:
      return value > threshold;
  }
};

const alertOf = (rule: AlertRule, kind: Alert['kind'], observation: Observation, value: number): Alert => {
  const { station, location, date } = observation;
  return {
    id: `${rule.id}/${station.id}/${date}/${kind}`,
    rule: rule.id,
    kind,
    station_id: station.id,
    location,
    date,
    element: rule.element,
    value,
    threshold: rule.threshold,
    email: rule.email,
  };
};
