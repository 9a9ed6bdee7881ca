import { expect, test } from '@jest/globals';
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

test.each(INPUTS)(
  'the mapping of %s reads the stream %s, loses nothing and is stopped by nothing',
  (processor, stream) => {
    expect(mappingOf(processor)).toEqual({
      EventSourceArn: `StreamWeather${stream}.Arn`,
      FunctionName: `FunctionWeather${processor}Function`,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: processor === 'Notify' ? 60 : 1,
      ParallelizationFactor: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 100,
      MaximumRecordAgeInSeconds: 23 * 3600,
      DestinationConfig: { OnFailure: { Destination: 'DeadLetters.Arn' } },
      MetricsConfig: { Metrics: ['EventCount'] },
    });
  },
);

test('there is one mapping a processor', () => {
  expect(template.ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(INPUTS.length);
});

test.each([
  [48, 47],
  [168, 167],
  [169, 168],
  [8760, 168],
])('with a retention of %d hours a record is given up, and kept aside, after %d', (retentionHours, hours) => {
  expect(mappingOf('Validate', new WeatherTemplate({ retentionHours }))).toMatchObject({
    MaximumRecordAgeInSeconds: hours * 3600,
  });
});

test('a processor with timers is called once a minute to close what is idle, and no other is', () => {
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

test('a sweep that fails is not tried again: the next one is a minute away', () => {
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
