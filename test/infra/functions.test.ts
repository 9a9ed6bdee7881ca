import { describe, expect, test } from '@jest/globals';
import { concurrencyOf } from '../../infra/deployment/concurrency.ts';
import { readContext } from '../../infra/deployment/context.ts';
import { readApiEnvironment } from '../../shared/runtime/lambda/environment.ts';
import { readEnvironment } from '../../shared/runtime/lambda/environment.ts';
import { plain, plainTexts } from './support/plain.ts';
import { WeatherTemplate, type TemplateResource } from './support/weather-template.ts';

const template = new WeatherTemplate({ shards: 3, graceDays: 2 });

const PROCESSORS = ['Validate', 'Assemble', 'Enrich', 'Alert', 'Daily', 'Notify', 'AlertLog'];
const functionOf = (processor: string, from: WeatherTemplate = template): TemplateResource =>
  from.one('AWS::Lambda::Function', `FunctionWeather${processor}Function`);

const variablesOf = ({ properties }: TemplateResource): Readonly<Record<string, string>> => {
  const environment = properties['Environment'];
  return typeof environment === 'object' && environment !== null && 'Variables' in environment
    ? plainTexts(environment.Variables)
    : {};
};

test('each processor has a function, and so has the query API', () => {
  expect(template.ofType('AWS::Lambda::Function')).toHaveLength(PROCESSORS.length + 1);
});

test.each(PROCESSORS)(
  'the function of %s runs on Node 24 on arm64, for a minute, with readable stack traces',
  (name) => {
    const resource = functionOf(name);
    expect(resource.properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1024,
      Timeout: 60,
    });
    expect(variablesOf(resource)).toMatchObject({ NODE_OPTIONS: '--enable-source-maps' });
  },
);

test('each function logs to a group of its own, which forgets after a month', () => {
  const groups = template.ofType('AWS::Lambda::Function').map(({ properties }) => plain(properties['LoggingConfig']));
  expect(new Set(groups.map((one) => JSON.stringify(one))).size).toBe(PROCESSORS.length + 1);
  for (const { properties } of template.ofType('AWS::Logs::LogGroup')) {
    expect(properties).toMatchObject({ RetentionInDays: 30 });
  }
});

describe('a function reads in its environment', () => {
  test('what it writes, where its state is, and how many environments run', () => {
    expect(readEnvironment(variablesOf(functionOf('Assemble')))).toEqual({
      processor: 'weather/assemble',
      deployment: 'millrace-weather-dev',
      inputIsForeign: false,
      streams: {
        'weather-assembled': 'StreamWeatherAssembled',
        'weather-errors': 'StreamWeatherErrors',
        'weather-late': 'StreamWeatherLate',
      },
      stateTable: 'State',
      tables: {},
      references: {},
      topics: {},
      deadLetterBucket: 'DeadLetters',
      concurrency: 4,
    });
  });

  test('that records come from outside, where they do', () => {
    const { inputIsForeign, stateTable } = readEnvironment(variablesOf(functionOf('Validate')));
    expect({ inputIsForeign, stateTable }).toEqual({ inputIsForeign: true, stateTable: 'State' });
  });

  test('the tables it looks into and those it fills', () => {
    expect(readEnvironment(variablesOf(functionOf('Enrich'))).references).toEqual({
      'weather-stations': 'TableWeatherStations',
    });
    expect(readEnvironment(variablesOf(functionOf('Daily')))).toMatchObject({
      tables: { 'weather-daily': 'TableWeatherDaily' },
      stateTable: undefined,
    });
  });

  test('the topics it notifies by', () => {
    expect(readEnvironment(variablesOf(functionOf('Notify'))).topics).toEqual({ 'weather-mail': 'TopicWeatherMail' });
  });

  test('what was chosen for the pipeline', () => {
    expect(variablesOf(functionOf('Assemble'))).toMatchObject({ WEATHER_GRACE_DAYS: '2' });
  });

  test('in the query API: the tables, and where the secret is, not the secret', () => {
    const environment = readApiEnvironment({
      ...variablesOf(template.one('AWS::Lambda::Function', 'QueryApiFunction')),
      MILLRACE_CURSOR_SECRET: 'arn:',
    });
    expect(environment).toMatchObject({
      tables: { 'weather-daily': 'TableWeatherDaily', 'weather-alert-log': 'TableWeatherAlertLog' },
      references: { 'weather-rules': 'TableWeatherRules', 'weather-stations': 'TableWeatherStations' },
    });
    expect(variablesOf(template.one('AWS::Lambda::Function', 'QueryApiFunction'))).toMatchObject({
      MILLRACE_CURSOR_SECRET: 'QueryApiCursorSecret',
    });
  });

  test('all that it needs, with as many shards as there can be', () => {
    const most = new WeatherTemplate({ shards: 10_000 });
    for (const name of PROCESSORS) {
      expect(readEnvironment(variablesOf(functionOf(name, most))).concurrency).toBe(10_000);
    }
  });
});

describe('concurrency', () => {
  test('is reserved for each shard, and one more for a sweep', () => {
    expect(functionOf('Validate').properties).toMatchObject({ ReservedConcurrentExecutions: 3 });
    expect(functionOf('Assemble').properties).toMatchObject({ ReservedConcurrentExecutions: 4 });
  });

  test('grows with the batches of a shard that are processed at a time', () => {
    expect(concurrencyOf(readContext({ shards: 3 }), 10, true)).toEqual({ expected: 31, reserved: 31 });
  });

  test('is not reserved for on-demand streams, whose shards vary', () => {
    const onDemand = new WeatherTemplate({ capacity: 'on-demand', shards: 3 });
    for (const { properties } of onDemand.ofType('AWS::Lambda::Function')) {
      expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  test('is not reserved if that is turned off', () => {
    const off = new WeatherTemplate({ reservedConcurrency: 'off', shards: 3 });
    for (const { properties } of off.ofType('AWS::Lambda::Function')) {
      expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
    expect(readEnvironment(variablesOf(functionOf('Validate', off))).concurrency).toBe(3);
  });
});
