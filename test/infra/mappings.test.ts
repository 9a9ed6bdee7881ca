import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { MAX_RETRIES } from '../../shared/runtime/given-up.ts';
import { plain } from './support/plain.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const template = new WeatherTemplate();

const INPUTS = [
  ['Validate', 'Raw'],
  ['Assemble', 'Validated'],
  ['Enrich', 'Assembled'],
  ['Alert', 'Observations'],
  ['Daily', 'Observations'],
  ['Notify', 'Alerts'],
  ['AlertLog', 'Alerts'],
] as const;

const mappingOf = (processor: string, from: WeatherTemplate = template): unknown =>
  plain(from.one('AWS::Lambda::EventSourceMapping', `FunctionWeather${processor}Mapping`).properties);

test.each(INPUTS)('the mapping of %s reads the stream %s, loses nothing and never blocks', (processor, stream) => {
  expect(mappingOf(processor)).toEqual({
    EventSourceArn: `StreamWeather${stream}.Arn`,
    FunctionName: `FunctionWeather${processor}Function`,
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 1000,
    MaximumBatchingWindowInSeconds: processor === 'Notify' ? 60 : 1,
    ParallelizationFactor: 1,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: MAX_RETRIES,
    MaximumRecordAgeInSeconds: 23 * 3600,
    DestinationConfig: { OnFailure: { Destination: 'DeadLetters.Arn' } },
    MetricsConfig: { Metrics: ['EventCount'] },
  });
});

test('the page for operators has the retries of the mapping', () => {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  expect(page).toContain(`--maximum-retry-attempts ${String(MAX_RETRIES)} `);
  expect(MAX_RETRIES).toBe(100);
  expect(page).toContain('after a hundred retries');
});

test('each processor has one mapping', () => {
  expect(template.ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(INPUTS.length);
});

test.each([
  [48, 47],
  [168, 167],
  [169, 168],
  [8760, 168],
])('with a retention of %d hours a record is given up, and kept, after %d', (retentionHours, hours) => {
  expect(mappingOf('Validate', new WeatherTemplate({ retentionHours }))).toMatchObject({
    MaximumRecordAgeInSeconds: hours * 3600,
  });
});

test('only a processor with timers is invoked once a minute to close what is idle', () => {
  const schedules = template.ofType('AWS::Scheduler::Schedule');
  expect(schedules.map(({ properties }) => plain(properties))).toEqual([
    {
      Description: expect.any(String),
      FlexibleTimeWindow: { Mode: 'OFF' },
      ScheduleExpression: 'rate(1 minute)',
      Target: {
        Arn: 'FunctionWeatherAssembleFunction.Arn',
        Input: '{"sweep":"idle"}',
        RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
        RoleArn: 'FunctionWeatherAssembleSweepRole.Arn',
      },
    },
  ]);
});

test('a sweep that fails is not retried: the next one is a minute away', () => {
  const invokes = template.ofType('AWS::Lambda::EventInvokeConfig').map(({ properties }) => plain(properties));
  expect(invokes).toEqual([
    {
      FunctionName: 'FunctionWeatherAssembleFunction',
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
      Qualifier: '$LATEST',
    },
  ]);
});
