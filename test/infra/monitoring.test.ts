import { expect, test } from '@jest/globals';
import { plain } from './support/plain.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const template = new WeatherTemplate({ watermarkDelayHours: 10 });

const PROCESSORS = [
  ['Validate', 'weather/validate'],
  ['Assemble', 'weather/assemble'],
  ['Enrich', 'weather/enrich'],
  ['Alert', 'weather/alert'],
  ['Daily', 'weather/daily'],
  ['Notify', 'weather/notify'],
  ['AlertLog', 'weather/alert-log'],
] as const;

const alarmOf = (processor: string, name: string, from: WeatherTemplate = template): unknown =>
  plain(from.one('AWS::CloudWatch::Alarm', `FunctionWeather${processor}Alarms${name}`).properties);

const own = (id: string): readonly unknown[] => [
  { Name: 'processor', Value: id },
  { Name: 'service', Value: 'millrace-weather-dev' },
];

test.each(PROCESSORS)('somebody is told when %s needs it', (name, id) => {
  const ofFunction = [{ Name: 'FunctionName', Value: `FunctionWeather${name}Function` }];
  const ofMapping = [{ Name: 'EventSourceMappingUUID', Value: `FunctionWeather${name}Mapping` }];
  const expected = {
    IteratorAge: {
      Namespace: 'AWS/Lambda',
      MetricName: 'IteratorAge',
      Dimensions: ofFunction,
      Statistic: 'Maximum',
      Threshold: 900_000,
      EvaluationPeriods: 3,
    },
    HeldLanes: {
      Namespace: 'Millrace',
      MetricName: 'HeldPartitions',
      Dimensions: own(id),
      Statistic: 'Maximum',
      Threshold: 1,
      EvaluationPeriods: 3,
    },
    DeadLetters: {
      Namespace: 'Millrace',
      MetricName: 'DeadLettered',
      Dimensions: own(id),
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 1,
    },
    GivenUp: {
      Namespace: 'AWS/Lambda',
      MetricName: 'OnFailureDestinationDeliveredEventCount',
      Dimensions: ofMapping,
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 1,
    },
    Dropped: {
      Namespace: 'AWS/Lambda',
      MetricName: 'DroppedEventCount',
      Dimensions: ofMapping,
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 1,
    },
    Throttles: {
      Namespace: 'AWS/Lambda',
      MetricName: 'Throttles',
      Dimensions: ofFunction,
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 3,
    },
  };
  for (const [alarm, properties] of Object.entries(expected)) {
    expect(alarmOf(name, alarm)).toMatchObject({
      ...properties,
      Period: 300,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  }
  expect(alarmOf(name, 'Errors')).toMatchObject({
    Threshold: 5,
    EvaluationPeriods: 3,
    Metrics: [
      { Expression: '100 * part / whole', ReturnData: true },
      { MetricStat: { Metric: { MetricName: 'Errors', Dimensions: ofFunction }, Stat: 'Sum' } },
      { MetricStat: { Metric: { MetricName: 'Invocations', Dimensions: ofFunction }, Stat: 'Sum' } },
    ],
  });
});

test('the delay of event time is watched where there are timers, and nowhere else', () => {
  expect(alarmOf('Assemble', 'WatermarkDelay')).toMatchObject({
    Namespace: 'Millrace',
    MetricName: 'WatermarkDelayMs',
    Dimensions: own('weather/assemble'),
    Statistic: 'Maximum',
    Threshold: 36_000_000,
  });
  const watched = template.ofType('AWS::CloudWatch::Alarm').filter(({ logicalId }) => logicalId.includes('Watermark'));
  expect(watched).toHaveLength(1);
});

test('who replays old data can turn that alarm off', () => {
  const off = new WeatherTemplate({ watermarkDelayHours: 'off' });
  expect(off.ofType('AWS::CloudWatch::Alarm')).toHaveLength(template.ofType('AWS::CloudWatch::Alarm').length - 1);
});

test('every alarm tells those in charge when it begins and when it is over, and is quiet without data', () => {
  const alarms = template.ofType('AWS::CloudWatch::Alarm');
  expect(alarms).toHaveLength(PROCESSORS.length * 7 + 2);
  for (const { properties } of alarms) {
    expect(plain(properties)).toMatchObject({
      AlarmActions: ['Operations'],
      OKActions: ['Operations'],
      TreatMissingData: 'notBreaching',
      AlarmDescription: expect.stringMatching(/^.{40,}$/u),
    });
  }
});

test('errors of the query API itself are told too', () => {
  expect(plain(template.one('AWS::CloudWatch::Alarm', 'QueryApiErrors').properties)).toMatchObject({
    Namespace: 'AWS/ApiGateway',
    MetricName: '5xx',
    Dimensions: [{ Name: 'ApiId', Value: 'QueryApi' }],
  });
});

test('the dashboard shows every alarm and every processor, in the order data flows', () => {
  const [dashboard] = template.ofType('AWS::CloudWatch::Dashboard');
  const body = String(plain(dashboard?.properties['DashboardBody']));
  const titles = [...body.matchAll(/"title":"(?<id>weather\/[a-z-]+): records"/gu)].map((one) => one.groups?.['id']);
  expect(titles).toEqual(PROCESSORS.map(([, id]) => id));
  for (const { logicalId } of template.ofType('AWS::CloudWatch::Alarm')) {
    expect(body).toContain(plain({ 'Fn::GetAtt': [logicalId, 'Arn'] }));
  }
});

test('an emulator gets no alarm that reckons with metrics, nothing that it would have to run code for, and no name it makes up', () => {
  const local = new WeatherTemplate({ target: 'local' });
  for (const { properties } of local.ofType('AWS::CloudWatch::Alarm')) expect(properties).not.toHaveProperty('Metrics');
  expect(alarmOf('Validate', 'Errors', local)).toMatchObject({ MetricName: 'Errors', Statistic: 'Sum', Threshold: 1 });
  expect(local.resources.filter(({ type }) => type.startsWith('Custom::') || type.includes('CustomResource'))).toEqual(
    [],
  );
  expect(local.one('AWS::SecretsManager::Secret', 'QueryApiCursorSecret').properties).toMatchObject({
    Name: 'millrace-weather-dev-cursors',
  });
});

test('nothing on AWS needs a custom resource either', () => {
  expect(
    template.resources.filter(({ type }) => type.startsWith('Custom::') || type.includes('CustomResource')),
  ).toEqual([]);
});
