import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { alert } from '../../../functions/weather/alert.ts';
import type { AlertRule } from '../../../functions/weather/model/alert-rule.ts';
import { ruleIndex } from '../../../functions/weather/model/rule-index.ts';
import { notify } from '../../../functions/weather/notify.ts';
import { alertIdOf, isAlert, type Alert } from '../../../functions/weather/streams.ts';

const STATION = 'USC00028815';

const frost: AlertRule = {
  id: 'frost',
  email: 'a@example.org',
  element: 'TMIN',
  op: '<=',
  threshold: 0,
  mode: 'episode',
};

type Values = Readonly<Record<string, number>>;

/** One station, a day a call: what the rules of that day say about its values. State is kept as a store keeps it. */
const station = (stored: unknown = {}): ((rules: readonly AlertRule[], values: Values) => readonly Alert[]) => {
  let state = stored;
  let day = 0;
  return (rules, values) => {
    day += 1;
    const date = new Date(Date.UTC(2016, 0, day)).toISOString().slice(0, 10);
    const result = alert.step({
      input: undefined,
      value: {
        station: { id: STATION, country_code: 'US', location: { lat: 32, lon: -111 }, name: 'TUCSON' },
        location: 'US-AZ',
        date,
        ...values,
      },
      state,
      key: STATION,
      partitionKey: 'US-AZ',
      timeMs: 0,
      watermarkMs: 0,
      tables: { rules: ruleIndex(rules) },
    });
    if (result.state !== undefined) state = JSON.parse(JSON.stringify(result.state));
    return (result.emit?.['alerts'] ?? []).filter(isAlert);
  };
};

const short = ({ kind, element, value, threshold, email }: Alert): string =>
  `${kind} ${element} ${String(value)} of ${String(threshold)} to ${email.slice(0, 1)}`;

describe('an episode belongs to the rule and the recipient of its beginning', () => {
  test.each([
    [
      'another element',
      { element: 'TMAX', op: '>', threshold: 40 },
      { TMIN: -1, TMAX: 10 },
      ['withdrawn TMIN -1 of 0 to a'],
    ],
    ['another element, not observed', { element: 'TMAX' }, { PRCP: 1 }, ['withdrawn TMIN -2 of 0 to a']],
    [
      'another element, when the old condition is over',
      { element: 'TMAX' },
      { TMIN: 5 },
      ['resolved TMIN 5 of 0 to a'],
    ],
    [
      'another element that matches too',
      { element: 'TMAX' },
      { TMIN: -1, TMAX: -1 },
      ['withdrawn TMIN -1 of 0 to a', 'alert TMAX -1 of 0 to a'],
    ],
    ['a lower threshold', { threshold: -5 }, { TMIN: -1 }, ['withdrawn TMIN -1 of 0 to a']],
    ['a higher threshold', { threshold: 5 }, { TMIN: -1 }, ['withdrawn TMIN -1 of 0 to a', 'alert TMIN -1 of 5 to a']],
    [
      'a higher threshold, when the old condition is over',
      { threshold: 5 },
      { TMIN: 3 },
      ['resolved TMIN 3 of 0 to a', 'alert TMIN 3 of 5 to a'],
    ],
    ['the opposite comparison', { op: '>=' }, { TMIN: -1 }, ['withdrawn TMIN -1 of 0 to a']],
    ['every observation', { mode: 'every' }, { TMIN: -1 }, ['withdrawn TMIN -1 of 0 to a', 'alert TMIN -1 of 0 to a']],
    [
      'another recipient, while it lasts',
      { email: 'b@example.org' },
      { TMIN: -1 },
      ['withdrawn TMIN -1 of 0 to a', 'alert TMIN -1 of 0 to b'],
    ],
    ['another recipient, when it is over', { email: 'b@example.org' }, { TMIN: 5 }, ['resolved TMIN 5 of 0 to a']],
    [
      'another recipient, without an observation',
      { email: 'b@example.org' },
      { TMAX: 5 },
      ['withdrawn TMIN -2 of 0 to a'],
    ],
    ['another station', { station_id: 'USC00000001' }, { TMIN: -1 }, ['withdrawn TMIN -1 of 0 to a']],
    ['other reminders', { reminderDays: 300 }, { TMIN: -1 }, []],
    ['nothing', {}, { TMIN: -1 }, []],
  ] satisfies [string, Partial<AlertRule>, Values, string[]][])(
    'a rule edited to %s',
    (_to, edit, values, expected) => {
      const day = station();
      expect(day([frost], { TMIN: -2 }).map(short)).toEqual(['alert TMIN -2 of 0 to a']);
      const edited: AlertRule = { ...frost, ...edit };
      expect(day([edited], values).map(short)).toEqual(expected);
    },
  );

  test('a rule deleted while its condition holds is withdrawn, once', () => {
    const day = station();
    day([frost], { TMIN: -2 });
    expect(day([], { TMIN: -1 }).map(short)).toEqual(['withdrawn TMIN -1 of 0 to a']);
    expect(day([], { TMIN: 5 })).toEqual([]);
  });

  test('a rule deleted when its condition is over is resolved, once', () => {
    const day = station();
    day([frost], { TMIN: -2 });
    expect(day([], { TMIN: 5 }).map(short)).toEqual(['resolved TMIN 5 of 0 to a']);
    expect(day([], { TMIN: 5 })).toEqual([]);
  });

  test('the new recipient of a lasting episode gets its reminders and its end', () => {
    const day = station();
    const moved: AlertRule = { ...frost, email: 'b@example.org', reminderDays: 2 };
    day([frost], { TMIN: -2 });
    day([moved], { TMIN: -2 });
    expect(day([moved], { TMIN: -2 })).toEqual([]);
    expect(day([moved], { TMIN: -3 }).map(short)).toEqual(['reminder TMIN -3 of 0 to b']);
    expect(day([moved], { TMIN: 1 }).map(short)).toEqual(['resolved TMIN 1 of 0 to b']);
  });

  const edits = fc.record({
    email: fc.constantFrom('a@example.org', 'b@example.org'),
    element: fc.constantFrom('TMIN', 'TMAX'),
    op: fc.constantFrom('<=', '>'),
    threshold: fc.constantFrom(0, 5),
    mode: fc.constantFrom('episode', 'episode', 'episode', 'every'),
    reminderDays: fc.constantFrom(undefined, 1, 3),
  });
  const days = fc.array(
    fc.record({
      rule: fc.option(edits, { nil: undefined }),
      isEdited: fc.boolean(),
      values: fc.record(
        { TMIN: fc.integer({ min: -3, max: 8 }), TMAX: fc.integer({ min: -3, max: 8 }) },
        { requiredKeys: [] },
      ),
    }),
    { maxLength: 30 },
  );

  test('every alert of an episode is followed by exactly one end of it, to the same address, whatever happens to the rule', () => {
    fc.assert(
      fc.property(days, (plan) => {
        const day = station();
        const open = new Map<string, Alert>();
        const ids = new Set<string>();
        let rule: AlertRule | undefined;
        for (const { rule: next, isEdited, values } of plan) {
          if (isEdited) rule = next === undefined ? undefined : withoutUndefined(next);
          for (const said of day(rule === undefined ? [] : [rule], values)) {
            expect(ids.has(said.id)).toBe(false);
            ids.add(said.id);
            const { kind, email, element, threshold } = said;
            const subject = JSON.stringify([email, element, threshold]);
            if (kind === 'alert') {
              if (rule?.mode !== 'episode') continue;
              expect(open.size).toBe(0);
              open.set(subject, said);
              continue;
            }
            expect([...open.keys()]).toEqual([subject]);
            if (kind === 'resolved') expect(values).toHaveProperty(element, said.value);
            if (kind !== 'reminder') open.delete(subject);
          }
        }
        // Deleting the rule ends what is still open.
        expect(day([], {})).toHaveLength(open.size);
      }),
      { numRuns: 500 },
    );
  });
});

const withoutUndefined = ({
  reminderDays,
  ...rule
}: Omit<AlertRule, 'id' | 'reminderDays'> & { readonly reminderDays: number | undefined }): AlertRule => ({
  id: 'frost',
  ...rule,
  ...(reminderDays !== undefined && { reminderDays }),
});

describe('state written before episodes kept their rule', () => {
  const old = { frost: { toldDate: '2015-12-31' } };

  test('is read as if the rule had not changed', () => {
    const day = station(old);
    expect(day([frost], { TMAX: 1 })).toEqual([]);
    expect(day([frost], { TMIN: -1 })).toEqual([]);
    expect(day([{ ...frost, email: 'b@example.org' }], { TMIN: 1 }).map(short)).toEqual(['resolved TMIN 1 of 0 to a']);
  });

  test('ends silently with its rule, because nothing says who was alerted', () => {
    const day = station(old);
    expect(day([], { TMIN: 1 })).toEqual([]);
    expect(day([frost], { TMIN: -1 }).map(short)).toEqual(['alert TMIN -1 of 0 to a']);
  });
});

test.each(['constructor', '__proto__', 'toString'])('a rule may be called %s', (id) => {
  const day = station();
  const rule: AlertRule = { ...frost, id, reminderDays: 1 };
  expect(day([rule], { TMIN: -1 }).map(({ kind }) => kind)).toEqual(['alert']);
  expect(day([rule], { TMIN: -1 }).map(({ kind }) => kind)).toEqual(['reminder']);
  expect(day([rule], { TMIN: 1 }).map(({ kind }) => kind)).toEqual(['resolved']);
});

describe('the id of an alert', () => {
  const [said] = station()([frost], { TMIN: -1 });
  if (said === undefined) throw new Error('no alert');

  test('is the same however often it is said, and whatever value is observed', () => {
    expect(alertIdOf({ ...said })).toBe(said.id);
    expect(station()([frost], { TMIN: -2 })[0]?.id).toBe(said.id);
    expect(said.id).toMatch(/^frost\/USC00028815\/2016-01-01\/alert\/[0-9a-f]{12}$/u);
  });

  test.each([
    ['rule', { rule: 'ice' }],
    ['station', { station_id: 'USC00000001' }],
    ['date', { date: '2016-01-02' }],
    ['kind', { kind: 'resolved' }],
    ['recipient', { email: 'b@example.org' }],
    ['element', { element: 'TMAX' }],
    ['threshold', { threshold: 1 }],
  ] satisfies [string, Partial<Alert>][])('is another one for another %s', (_what, change) => {
    expect(alertIdOf({ ...said, ...change })).not.toBe(said.id);
  });
});

test('mail about a withdrawn alert says that nothing watches it any more, and why', () => {
  const day = station();
  day([frost], { TMIN: -2 });
  const [withdrawn] = day([], { TMIN: -1 });
  const [mail] = Object.values(notify.to).flatMap((output) =>
    output.kind === 'notification' ? [output.digest('a@example.org', [withdrawn])] : [],
  );
  expect(mail?.subject).toBe('[withdrawn] frost: TMIN -1 at USC00028815 on 2016-01-02');
  expect(mail?.text).toContain('the rule was changed or deleted, and no longer watches this');
  expect(mail?.text).toContain('a rule names or named a@example.org');
});
