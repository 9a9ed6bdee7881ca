import { processor } from '../../shared/processor/processor.ts';
import { wholeTable } from '../../shared/processor/table.ts';
import { AlertMode, ComparisonOp, type AlertRule } from './model/alert-rule.ts';
import { DAY_MS } from './model/calendar-day.ts';
import { ruleIndex } from './model/rule-index.ts';
import { alertIdOf, alerts, observations, type Alert, type Observation } from './streams.ts';
import { alertRules } from './tables.ts';

/** The condition and the recipient of a rule: what an episode belongs to. */
type Subject = Pick<AlertRule, 'element' | 'op' | 'threshold' | 'email'>;

/** An open episode. */
interface Episode {
  /** `YYYY-MM-DD` of its last alert or reminder. */
  readonly toldDate: string;
  /**
   * What its alert reported, and the value last reported. Absent in state written before it was kept: today's rule is then used
   * instead.
   */
  readonly reported?: Subject & { readonly value: number };
}

/** Open episodes by rule id. */
type Episodes = Readonly<Record<string, Episode>>;

/**
 * Decides what the rules say about an observation; sending it is up to others. A rule whose element the observation lacks learns
 * nothing from it.
 *
 * An episode belongs to the condition and the recipient of its first alert, whatever happens to the rule. It ends with exactly one
 * message to that recipient, at the next observation of the station:
 *
 * - `resolved`: the condition it began with no longer holds;
 * - `withdrawn`: the rule was deleted, or has another condition, recipient, mode or place, so nothing watches it any more. The
 *   condition may still hold.
 *
 * After that, the rule as it is now alerts its own recipient if its condition holds. An edit of `reminderDays` ends nothing.
 */
export const alert = processor({
  id: 'weather/alert',
  from: observations,
  to: { alerts },
  tables: { rules: wholeTable(alertRules, ruleIndex) },
  key: ({ station }) => station.id,
  initial: (): Episodes => ({}),
  step: ({ value: observation, state, tables: { rules } }) => {
    const current = new Map(rules.about(observation.station.id, observation.location).map((rule) => [rule.id, rule]));
    // A rule may have any id, `constructor` among them, so only own properties count.
    const before = new Map(Object.entries(state));
    const after = new Map<string, Episode>();
    const said: Alert[] = [];
    for (const id of [...new Set([...before.keys(), ...current.keys()])].sort()) {
      const { alerts: about, episode } = lookAt(id, current.get(id), before.get(id), observation);
      said.push(...about);
      if (episode !== undefined) after.set(id, episode);
    }
    const changed = before.size > 0 || after.size > 0;
    return { ...(changed && { state: Object.fromEntries(after) }), emit: { alerts: said } };
  },
});

/** What one rule says about an observation, and the episode that is open afterwards. */
interface Look {
  readonly alerts: readonly Alert[];
  readonly episode?: Episode;
}

const lookAt = (id: string, rule: AlertRule | undefined, open: Episode | undefined, observation: Observation): Look => {
  const old = open === undefined ? NOTHING : followUp(id, rule, open, observation);
  if (old.episode !== undefined || rule === undefined) return old;
  const value = valueOf(observation, rule);
  if (value === undefined || !holds(rule, value)) return old;
  return {
    alerts: [...old.alerts, alertOf(id, 'alert', rule, observation, value)],
    ...(rule.mode === AlertMode.Episode && { episode: episodeOf(rule, observation, value) }),
  };
};

const NOTHING: Look = { alerts: [] };

/** Ends an open episode, or continues it. */
const followUp = (id: string, rule: AlertRule | undefined, open: Episode, observation: Observation): Look => {
  const subject = open.reported ?? rule;
  if (subject === undefined) return NOTHING;
  const end = (kind: 'resolved' | 'withdrawn', value: number): Look => ({
    alerts: [alertOf(id, kind, subject, observation, value)],
  });
  const value = valueOf(observation, subject);
  if (value !== undefined && !holds(subject, value)) return end('resolved', value);
  if (open.reported !== undefined && !isUnchanged(rule, open.reported)) {
    return end('withdrawn', value ?? open.reported.value);
  }
  if (value === undefined || rule === undefined) return { alerts: [], episode: open };
  const daysSince = (Date.parse(observation.date) - Date.parse(open.toldDate)) / DAY_MS;
  return rule.reminderDays !== undefined && daysSince >= rule.reminderDays
    ? {
        alerts: [alertOf(id, 'reminder', subject, observation, value)],
        episode: episodeOf(subject, observation, value),
      }
    : { alerts: [], episode: { reported: { ...subjectOf(subject), value }, ...open } };
};

const isUnchanged = (rule: AlertRule | undefined, { element, op, threshold, email }: Subject): boolean =>
  rule?.mode === AlertMode.Episode &&
  rule.element === element &&
  rule.op === op &&
  rule.threshold === threshold &&
  rule.email === email;

const episodeOf = (subject: Subject, { date }: Observation, value: number): Episode => ({
  toldDate: date,
  reported: { ...subjectOf(subject), value },
});

const subjectOf = ({ element, op, threshold, email }: Subject): Subject => ({ element, op, threshold, email });

/** Undefined if the observation does not have the element. */
const valueOf = (observation: Observation, { element }: Subject): number | undefined => {
  const value = observation[element];
  return typeof value === 'number' ? value : undefined;
};

const holds = ({ op, threshold }: Subject, value: number): boolean => {
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

const alertOf = (
  rule: string,
  kind: Alert['kind'],
  { element, threshold, email }: Subject,
  { station, location, date }: Observation,
  value: number,
): Alert => {
  const content = { rule, kind, station_id: station.id, location, date, element, value, threshold, email };
  return { id: alertIdOf(content), ...content };
};
