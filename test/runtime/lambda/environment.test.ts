import { describe, expect, test } from '@jest/globals';
import { alert } from '../../../functions/weather/alert.ts';
import { assemble } from '../../../functions/weather/assemble.ts';
import { dailyExtremes } from '../../../functions/weather/daily.ts';
import { notify } from '../../../functions/weather/notify.ts';
import { validate } from '../../../functions/weather/validate.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import {
  environmentVariables,
  type FunctionEnvironment,
  readEnvironment,
  wholeNumberVariable,
} from '../../../shared/runtime/lambda/environment.ts';
import { lambda } from '../../../shared/runtime/lambda/lambda.ts';
import { variablesFor } from './invocation.ts';

const ENVIRONMENT: FunctionEnvironment = {
  processor: 'shop/total',
  deployment: 'millrace-shop-dev',
  inputIsForeign: true,
  streams: { totals: 'shop-totals-1A2B' },
  stateTable: 'shop-state-3C4D',
  tables: { products: 'shop-products-5E6F' },
  references: {},
  topics: { mail: 'arn:aws:sns:us-east-1:000000000000:mail' },
  deadLetterBucket: 'shop-letters-7A8B',
  concurrency: 4,
};
const VARIABLES = environmentVariables(ENVIRONMENT);

const without = (variables: Record<string, string>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).filter(([one]) => one !== name));

describe('a function reads what infrastructure has written', () => {
  test('with a state table', () => {
    expect(readEnvironment(VARIABLES)).toEqual(ENVIRONMENT);
  });

  test('without a state table', () => {
    const stateless = { ...ENVIRONMENT, stateTable: undefined };
    expect(readEnvironment(environmentVariables(stateless))).toEqual(stateless);
  });
});

describe('a variable that is not as a deployment sets it is named', () => {
  const needed = Object.keys(VARIABLES).filter((name) => name !== 'MILLRACE_STATE_TABLE');

  test.each(needed)('%s where it is not set', (name) => {
    expect(() => readEnvironment(without(VARIABLES, name))).toThrow(`${name} is not set: must be`);
  });

  test.each(needed)('%s where it is empty', (name) => {
    expect(() => readEnvironment({ ...VARIABLES, [name]: '' })).toThrow(`${name} is '': must`);
  });

  test.each([
    ['MILLRACE_INPUT', 'strange', "must be 'foreign' or 'ours'"],
    ['MILLRACE_STREAMS', 'no json', 'must be a JSON object of names'],
    ['MILLRACE_TABLES', '["a"]', 'must be a JSON object of names'],
    ['MILLRACE_TOPICS', '{"mail":1}', 'must be a JSON object of names'],
    ['MILLRACE_CONCURRENCY', '0', 'must be a whole number from 1 to 10000'],
    ['MILLRACE_CONCURRENCY', '1.5', 'must be a whole number from 1 to 10000'],
    ['MILLRACE_CONCURRENCY', '10001', 'must be a whole number from 1 to 10000'],
  ])('%s where it is %s', (name, value, rule) => {
    expect(() => readEnvironment({ ...VARIABLES, [name]: value })).toThrow(`${name} is '${value}': ${rule}`);
  });

  test('all that are wrong at once', () => {
    expect(() => readEnvironment({ ...VARIABLES, MILLRACE_INPUT: 'x', MILLRACE_CONCURRENCY: '-1' })).toThrow(
      /MILLRACE_INPUT.*MILLRACE_CONCURRENCY/u,
    );
  });
});

describe('a function refuses, when it starts, an environment that does not fit its processor', () => {
  const cases: readonly (readonly [
    what: string,
    processor: Processor,
    change: Record<string, string>,
    named: string,
  ])[] = [
    ['another processor', alert, { MILLRACE_PROCESSOR: 'weather/notify' }, 'MILLRACE_PROCESSOR'],
    ['no stream to write to', validate, { MILLRACE_STREAMS: '{}' }, 'MILLRACE_STREAMS'],
    ['a stream of an inherited name', validate, { MILLRACE_STREAMS: '{"__proto__":"x"}' }, 'MILLRACE_STREAMS'],
    ['no topic to notify', notify, { MILLRACE_TOPICS: '{}' }, 'MILLRACE_TOPICS'],
    ['no table to look into', alert, { MILLRACE_REFERENCES: '{}' }, 'MILLRACE_REFERENCES'],
    ['no table to fill', dailyExtremes, { MILLRACE_TABLES: '{}' }, 'MILLRACE_TABLES'],
  ];

  test.each(cases)('%s', (_what, processor, change, named) => {
    const env = { ...variablesFor(processor), ...change };
    expect(() => lambda(processor, { env })).toThrow(named);
    expect(() => lambda(processor, { env: variablesFor(processor) })).not.toThrow();
  });

  test('no table for its state', () => {
    const processor = assemble({ graceDays: 1 });
    const env = without(variablesFor(processor), 'MILLRACE_STATE_TABLE');
    expect(() => lambda(processor, { env })).toThrow('MILLRACE_STATE_TABLE is not set, and it keeps state');
  });

  test('a processor that fills a table has its state there, and needs no other', () => {
    const env = without(variablesFor(dailyExtremes), 'MILLRACE_STATE_TABLE');
    expect(() => lambda(dailyExtremes, { env })).not.toThrow();
  });
});

describe('an option of a topology', () => {
  const variable = { name: 'WEATHER_GRACE_DAYS', from: 0, to: 366, otherwise: 1 };

  test('is its default where it is not set', () => {
    expect(wholeNumberVariable(variable, {})).toBe(1);
  });

  test.each([
    ['0', 0],
    ['7', 7],
    ['366', 366],
  ])('may be %s', (text, value) => {
    expect(wholeNumberVariable(variable, { WEATHER_GRACE_DAYS: text })).toBe(value);
  });

  test.each(['', ' ', '-1', '367', '1.5', '1e2', 'seven', '99999999999999999999'])(
    "is refused by name if it is '%s'",
    (text) => {
      expect(() => wholeNumberVariable(variable, { WEATHER_GRACE_DAYS: text })).toThrow(
        `WEATHER_GRACE_DAYS must be a whole number from 0 to 366, got '${text}'`,
      );
    },
  );
});
