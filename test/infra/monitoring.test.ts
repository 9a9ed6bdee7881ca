import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { weather } from '../../functions/weather/topology.ts';
import { PROCESSOR_ALARMS, TIMER_ALARMS, type AlarmId } from '../../shared/runtime/deployment/alarm-ids.ts';
import { outputName } from '../../shared/runtime/deployment/output-name.ts';
import { plain } from './support/plain.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const template = new WeatherTemplate({ watermarkDelayHours: 10 });
const { processors } = weather();
const WITH_TIMERS = processors.filter(({ keyed }) => keyed?.timers !== undefined);

const METRIC = z.object({
  MetricName: z.string(),
  Namespace: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
});

const ALARM = z.object({
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  ComparisonOperator: z.literal('GreaterThanOrEqualToThreshold'),
  TreatMissingData: z.literal('notBreaching'),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.string()),
  OKActions: z.array(z.string()),
  ...METRIC.partial().shape,
  Period: z.number().optional(),
  Statistic: z.string().optional(),
  Metrics: z
    .array(
      z.object({
        Id: z.string(),
        Expression: z.string().optional(),
        MetricStat: z.object({ Metric: METRIC, Period: z.number(), Stat: z.string() }).optional(),
      }),
    )
    .optional(),
});
type Alarm = z.infer<typeof ALARM>;

const alarmsOf = (id: string, from: WeatherTemplate = template): ReadonlyMap<string, Alarm> => {
  const prefix = `${outputName('Function', id)}Alarms`;
  return new Map(
    from
      .ofType('AWS::CloudWatch::Alarm')
      .map(({ logicalId, properties }) => [plain({ Ref: logicalId }), ALARM.parse(plain(properties))] as const)
      .flatMap(([name, alarm]) =>
        String(name).startsWith(prefix) ? [[String(name).slice(prefix.length), alarm] as const] : [],
      ),
  );
};

/** The metrics an alarm is about: one, or the parts of an expression. */
const metricsOf = ({ MetricName, Namespace, Dimensions, Metrics = [] }: Alarm): readonly z.infer<typeof METRIC>[] =>
  MetricName !== undefined && Namespace !== undefined && Dimensions !== undefined
    ? [{ MetricName, Namespace, Dimensions }]
    : Metrics.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric]));

describe.each(processors.map(({ id }) => id))('%s', (id) => {
  const hasTimers = WITH_TIMERS.some((one) => one.id === id);

  test('has every alarm that a processor of its kind has', () => {
    const expected: readonly AlarmId[] = hasTimers ? [...PROCESSOR_ALARMS, ...TIMER_ALARMS] : PROCESSOR_ALARMS;
    expect([...alarmsOf(id).keys()].sort()).toEqual([...expected].sort());
  });

  test('is watched by metrics of its own, its function and its mapping, and of no other processor', () => {
    const own = {
      Millrace: [
        { Name: 'processor', Value: id },
        { Name: 'service', Value: 'millrace-weather-dev' },
      ],
      'AWS/Lambda': [{ Name: 'FunctionName', Value: `${outputName('Function', id)}Function` }],
      mapping: [{ Name: 'EventSourceMappingUUID', Value: `${outputName('Function', id)}Mapping` }],
    };
    for (const { Dimensions } of [...alarmsOf(id).values()].flatMap(metricsOf)) {
      expect(Object.values(own)).toContainEqual(Dimensions);
    }
  });
});

/** Values of the last periods of five minutes, newest last, by metric. */
type Series = Readonly<Record<string, readonly number[]>>;

/** Evaluates an alarm as CloudWatch does, for thresholds from below. */
const goesOff = (alarm: Alarm, series: Series): boolean => {
  const valuesOf = (metric: string | undefined): readonly (number | undefined)[] => {
    const values = series[metric ?? ''] ?? [];
    return Array.from({ length: alarm.EvaluationPeriods }, (_, index) => values.at(index - alarm.EvaluationPeriods));
  };
  const parts = metricsOf(alarm).map(({ MetricName }) => valuesOf(MetricName));
  const [first = [], whole] = parts;
  const values = first.map((value, index) =>
    whole === undefined ? value : (100 * (value ?? 0)) / (whole[index] ?? Number.POSITIVE_INFINITY),
  );
  return values.every((value) => value !== undefined && value >= alarm.Threshold);
};

describe('these alarms go off, and no other', () => {
  const minutes = (count: number): number => count * 60_000;
  const cases: readonly (readonly [what: string, series: Series, alarms: readonly AlarmId[]])[] = [
    ['nothing, when no records come', {}, []],
    [
      'nothing, when all is well',
      {
        IteratorAge: [900, 900, 900],
        HeldPartitions: [0, 0, 0],
        DeadLettered: [0],
        Errors: [0, 0, 0],
        Invocations: [9, 9, 9],
        Throttles: [0, 0, 0],
      },
      [],
    ],
    [
      'records have waited 15 minutes for 15 minutes',
      { IteratorAge: [minutes(15), minutes(16), minutes(17)] },
      ['IteratorAge'],
    ],
    ['records have waited for only ten minutes', { IteratorAge: [0, minutes(15), minutes(16)] }, []],
    ['one partition is held for 15 minutes', { HeldPartitions: [1, 1, 1] }, ['HeldPartitions']],
    ['a partition was held for a while', { HeldPartitions: [4, 4, 0] }, []],
    ['one dead letter', { DeadLettered: [0, 0, 1] }, ['DeadLetters']],
    ['one record given up', { OnFailureDestinationDeliveredEventCount: [1] }, ['GivenUp']],
    ['one record dropped', { DroppedEventCount: [1] }, ['Dropped']],
    ['throttles in each of three periods', { Throttles: [1, 1, 1] }, ['Throttles']],
    ['a burst of throttles', { Throttles: [0, 900, 0] }, []],
    ['5 % of the invocations fail for 15 minutes', { Errors: [5, 5, 5], Invocations: [100, 100, 100] }, ['Errors']],
    ['4 % of the invocations fail', { Errors: [4, 4, 4], Invocations: [100, 100, 100] }, []],
    ['event time lags ten hours', { WatermarkDelayMs: [minutes(600), minutes(600), minutes(600)] }, ['WatermarkDelay']],
  ];
  const alarms = alarmsOf('weather/assemble');

  test.each(cases)('%s', (_what, series, expected) => {
    expect([...alarms].flatMap(([id, alarm]) => (goesOff(alarm, series) ? [id] : []))).toEqual(expected);
  });

  test('every alarm is among these cases', () => {
    expect(new Set(cases.flatMap(([, , ids]) => ids))).toEqual(new Set(alarms.keys()));
  });
});

test('the watermark alarm can be turned off for a replay', () => {
  const off = new WeatherTemplate({ watermarkDelayHours: 'off' });
  for (const { id } of processors) expect([...alarmsOf(id, off).keys()].sort()).toEqual([...PROCESSOR_ALARMS].sort());
});

test('every alarm notifies the operators when it begins and when it ends, and says what to do', () => {
  const alarms = template.ofType('AWS::CloudWatch::Alarm').map(({ properties }) => ALARM.parse(plain(properties)));
  // The query API has the one that belongs to no processor.
  expect(alarms).toHaveLength(
    processors.length * PROCESSOR_ALARMS.length + WITH_TIMERS.length * TIMER_ALARMS.length + 1,
  );
  for (const { AlarmActions, OKActions, AlarmDescription } of alarms) {
    expect([AlarmActions, OKActions]).toEqual([['Operations'], ['Operations']]);
    expect(AlarmDescription).toMatch(/^.{40,}\.$/u);
  }
});

test('errors of the query API itself raise an alarm, errors of its clients do not', () => {
  const alarm = ALARM.parse(plain(template.one('AWS::CloudWatch::Alarm', 'QueryApiErrors').properties));
  expect(metricsOf(alarm)).toEqual([
    { MetricName: '5xx', Namespace: 'AWS/ApiGateway', Dimensions: [{ Name: 'ApiId', Value: 'QueryApi' }] },
  ]);
  expect(goesOff(alarm, { '5xx': [1, 1] })).toBe(true);
  expect(goesOff(alarm, { '5xx': [0, 1], '4xx': [9, 9] })).toBe(false);
});

test('the dashboard shows every alarm and every processor, in the order data flows', () => {
  const [dashboard] = template.ofType('AWS::CloudWatch::Dashboard');
  const body = String(plain(dashboard?.properties['DashboardBody']));
  const titles = [...body.matchAll(/"title":"(?<id>weather\/[a-z-]+): records"/gu)].map((one) => one.groups?.['id']);
  expect(titles).toEqual(processors.map(({ id }) => id));
  for (const { logicalId } of template.ofType('AWS::CloudWatch::Alarm')) {
    expect(body).toContain(plain({ 'Fn::GetAtt': [logicalId, 'Arn'] }));
  }
});

test('an emulator gets no metric math, and a secret whose name is known without asking it', () => {
  const local = new WeatherTemplate({ target: 'local' });
  for (const { id } of processors) {
    for (const alarm of alarmsOf(id, local).values()) expect(alarm.Metrics).toBeUndefined();
  }
  const errors = alarmsOf('weather/validate', local).get('Errors');
  expect(errors && goesOff(errors, { Errors: [1, 1, 1] })).toBe(true);
  expect(local.one('AWS::SecretsManager::Secret', 'QueryApiCursorSecret').properties).toMatchObject({
    Name: 'millrace-weather-dev-cursors',
  });
});

test.each(['aws', 'local'])(
  'on target %s nothing needs a custom resource, which would run code of its own',
  (target) => {
    const { resources } = new WeatherTemplate({ target });
    expect(resources.filter(({ type }) => type.startsWith('Custom::') || type.includes('CustomResource'))).toEqual([]);
  },
);
