import { describe, expect, test } from '@jest/globals';
import type { AlertRule } from '../../../../functions/weather/model/alert-rule.ts';
import { parseAlertRules } from '../../../../functions/weather/model/alert-rule-list.ts';
import { FileContentError } from '../../../../shared/source/user-error.ts';

const FROST = {
  id: 'frost',
  email: 'frost@example.org',
  element: 'TMIN',
  op: '<=',
  threshold: 10,
  station_id: 'USW00003192',
  mode: 'every',
} as const;
const HEAT = {
  id: 'heat',
  email: 'heat@example.org',
  element: 'TMAX',
  op: '>',
  threshold: 40.5,
  location: 'US-AZ',
  mode: 'episode',
  reminderDays: 7,
} as const;

const parse = (text: string): readonly AlertRule[] => parseAlertRules({ file: 'rules.json', text });

const errorOf = (text: string): FileContentError => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof FileContentError) return error;
    throw error;
  }
  throw new Error('no error');
};

/** The message for a file with one rule: frost, changed. */
const messageFor = (change: Readonly<Record<string, unknown>>): string =>
  errorOf(JSON.stringify([{ ...FROST, ...change }])).message;

describe('a rules file', () => {
  test('an array, on one line or on many, and JSON lines give the same rules', () => {
    const rules = [FROST, HEAT];
    expect(parse(JSON.stringify(rules))).toEqual(rules);
    expect(parse(JSON.stringify(rules, undefined, 2))).toEqual(rules);
    expect(parse(`\n${JSON.stringify(FROST)}\r\n\n${JSON.stringify(HEAT)}\n`)).toEqual(rules);
  });

  test.each(['', '\n', '[]', ' [ \n ] '])('%j holds no rules', (text) => {
    expect(parse(text)).toEqual([]);
  });

  test('brackets, commas and quotes inside of texts do not cut the array', () => {
    const rules = [{ ...FROST, id: 'a],["{\\' }, HEAT];
    expect(parse(JSON.stringify(rules))).toEqual(rules);
  });

  test('a rule for all stations has neither station nor location', () => {
    const everywhere = { ...FROST, station_id: undefined };
    expect(parse(JSON.stringify([everywhere]))).toEqual([
      { id: 'frost', email: 'frost@example.org', element: 'TMIN', op: '<=', threshold: 10, mode: 'every' },
    ]);
  });
});

describe('a bad rules file', () => {
  test('a fault names the file, the line the rule begins on, its place, the field, the value and what is allowed', () => {
    const text = `[\n  ${JSON.stringify(FROST)},\n  ${JSON.stringify({ ...HEAT, op: '=>' })}\n]`;
    expect(errorOf(text)).toMatchObject({ file: 'rules.json', line: 3 });
    expect(errorOf(text).message).toBe('rules.json, line 3: rule 2: op must be "<=", "<", ">=" or ">", got "=>"');
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ id: '' }, 'id must be 1 to 100 printable characters, got ""'],
    [{ id: 'a\nb' }, 'id must be'],
    [{ id: 'x'.repeat(101) }, 'id must be'],
    [{ id: 7 }, 'id must be'],
    [{ id: undefined }, 'id is missing'],
    [{ email: 'a@example.org\r\nBcc: b@example.org' }, 'email must be one address such as name@example.org'],
    [{ element: 'tmin' }, 'element must be four of A-Z and 0-9'],
    [{ element: '__proto__' }, 'element must be'],
    [{ threshold: '10' }, 'threshold must be a number in plain units such as 10.0, got "10"'],
    [{ threshold: null }, 'threshold must be'],
    [{ station_id: 'SHORT' }, 'station_id must be an 11-character ID'],
    [{ location: 'US-AZ' }, 'station_id and location are both given'],
    [{ station_id: undefined, location: 'Arizona' }, 'location must be'],
    [{ mode: 'once' }, 'mode must be "every" or "episode", got "once"'],
    [{ mode: undefined }, 'mode is missing'],
    [{ reminderDays: 7 }, 'reminderDays is only for "mode": "episode"'],
    [{ mode: 'episode', reminderDays: 0 }, 'reminderDays must be a whole number of days from 1 to 3650, got 0'],
    [{ mode: 'episode', reminderDays: 1.5 }, 'reminderDays must be'],
    [{ mode: 'toString' }, 'mode must be'],
    [{ treshold: 10 }, 'no such field "treshold"; allowed are id, email, element, op, threshold'],
    [{ constructor: 1 }, 'no such field "constructor"'],
  ])('%j is refused', (change, message) => {
    expect(messageFor(change)).toContain(`rules.json, line 1: rule 1: ${message}`);
    expect(messageFor(change)).not.toMatch(/[\r\n]/);
  });

  test('a field named __proto__ is an unknown field', () => {
    expect(errorOf(`[{"__proto__":{"id":"x"},${JSON.stringify(FROST).slice(1)}]`).message).toContain(
      'no such field "__proto__"',
    );
  });

  test('two rules with one id are refused', () => {
    expect(errorOf(`${JSON.stringify(FROST)}\n${JSON.stringify({ ...HEAT, id: 'frost' })}`).message).toBe(
      'rules.json, line 2: rule 2: id "frost" is already that of the rule on line 1; give each rule its own',
    );
  });

  test.each([
    ['{', 'line 1: not JSON: "{"'],
    ['null', 'line 1: rule 1: a rule must be a JSON object, got null'],
    ['[1]', 'line 1: rule 1: a rule must be a JSON object, got 1'],
    ['[[]]', 'line 1: rule 1: a rule must be a JSON object, got []'],
    ['id,email,element', 'line 1: not JSON'],
    [`[${JSON.stringify(FROST)}\n,]`, 'line 2: a value is missing before "]"'],
    [`[,${JSON.stringify(FROST)}]`, 'line 1: a value is missing before ","'],
    [`[\n${JSON.stringify(FROST)}`, 'line 2: the array is not closed'],
    ['[', 'line 1: the array is not closed'],
    ['["', 'line 1: the array is not closed'],
    ['[}', 'line 1: the array is closed by "}"'],
    [`[${JSON.stringify(FROST)}]\n;`, 'line 2: unexpected text after the array: ";"'],
    [`[\n${JSON.stringify(FROST)},\n{"id": frost}]`, 'line 3: not JSON'],
    ['\u0000\u0001', 'line 1: not JSON'],
  ])('%j is refused with the line of the fault', (text, message) => {
    expect(errorOf(text).message).toContain(`rules.json, ${message}`);
    expect(errorOf(text).message).not.toMatch(/[\u0000-\u001f]/);
  });
});
