import { AlertMode, type AlertRule, ComparisonOp } from './alert-rule.ts';
import { isElementName } from './element-name.ts';
import { isEmailAddress } from '../../../shared/processor/email-address.ts';
import { quoted } from './source-text.ts';
import { isStationId } from './station-id.ts';

const MAX_ID_CHARS = 100;
const MAX_REMINDER_DAYS = 3_650;
const LOCATION = /^(?:[A-Z]{2}(?:-[A-Z]{2})?|unknown)$/;

type Guard<Value> = (value: unknown) => value is Value;

const isText = (value: unknown): value is string => typeof value === 'string';
const oneOf =
  <Value extends string>(values: Readonly<Record<string, Value>>): Guard<Value> =>
  (value): value is Value =>
    Object.values(values).some((allowed) => allowed === value);
const textWhere =
  (test: (text: string) => boolean): Guard<string> =>
  (value): value is string =>
    isText(value) && test(value);

const isId = textWhere(
  (text) => text.trim() !== '' && text.length <= MAX_ID_CHARS && !/\p{C}|\p{Zl}|\p{Zp}/u.test(text),
);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isReminderDays = (value: unknown): value is number =>
  isNumber(value) && Number.isInteger(value) && value >= 1 && value <= MAX_REMINDER_DAYS;

const FIELDS = {
  id: { guard: isId, allowed: `1 to ${MAX_ID_CHARS} printable characters` },
  email: { guard: textWhere(isEmailAddress), allowed: 'one address such as name@example.org' },
  element: { guard: textWhere(isElementName), allowed: 'four of A-Z and 0-9 such as TMIN' },
  op: { guard: oneOf(ComparisonOp), allowed: '"<=", "<", ">=" or ">"' },
  threshold: { guard: isNumber, allowed: 'a number in plain units such as 10.0' },
  station_id: { guard: textWhere(isStationId), allowed: 'an 11-character ID such as "USC00028815"' },
  location: {
    guard: textWhere((text) => LOCATION.test(text)),
    allowed: 'a country or country and state such as "US-AZ"',
  },
  mode: { guard: oneOf(AlertMode), allowed: '"every" or "episode"' },
  reminderDays: { guard: isReminderDays, allowed: `a whole number of days from 1 to ${MAX_REMINDER_DAYS}` },
} as const;

const isField = (name: string): name is keyof typeof FIELDS => Object.hasOwn(FIELDS, name);

/** Makes the error for a problem of one rule, so that it can name the file and the line, which are not known here. */
export type RuleFault = (problem: string) => Error;

/** One value of a rules file as a rule. Throws what `fault` makes of the first problem: a field, or two that do not go together. */
export const alertRuleOf = (value: unknown, fault: RuleFault): AlertRule => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fault(`a rule must be a JSON object, got ${quoted(value)}`);
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const name of fields.keys()) {
    if (!isField(name)) throw fault(`no such field ${quoted(name)}; allowed are ${Object.keys(FIELDS).join(', ')}`);
  }

  const optional = <Value>(name: keyof typeof FIELDS, guard: Guard<Value>): Value | undefined => {
    const given = fields.get(name);
    if (given === undefined || guard(given)) return given;
    throw fault(`${name} must be ${FIELDS[name].allowed}, got ${quoted(given)}`);
  };
  const required = <Value>(name: keyof typeof FIELDS, guard: Guard<Value>): Value => {
    const given = optional(name, guard);
    if (given === undefined) throw fault(`${name} is missing: it must be ${FIELDS[name].allowed}`);
    return given;
  };

  const stationId = optional('station_id', FIELDS.station_id.guard);
  const location = optional('location', FIELDS.location.guard);
  const reminderDays = optional('reminderDays', FIELDS.reminderDays.guard);
  const rule: AlertRule = {
    id: required('id', FIELDS.id.guard),
    email: required('email', FIELDS.email.guard),
    element: required('element', FIELDS.element.guard),
    op: required('op', FIELDS.op.guard),
    threshold: required('threshold', FIELDS.threshold.guard),
    ...(stationId === undefined ? {} : { station_id: stationId }),
    ...(location === undefined ? {} : { location }),
    mode: required('mode', FIELDS.mode.guard),
    ...(reminderDays === undefined ? {} : { reminderDays }),
  };
  if (stationId !== undefined && location !== undefined) {
    throw fault('station_id and location are both given: a rule holds for one station or one location, leave one out');
  }
  if (reminderDays !== undefined && rule.mode !== AlertMode.Episode) {
    throw fault('reminderDays is only for "mode": "episode": leave it out, or change the mode');
  }
  return rule;
};
