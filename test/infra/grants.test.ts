import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { plain } from './support/plain.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const POLICY = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.literal('Allow'),
        Action: texts,
        Resource: texts,
        Condition: z.record(z.string(), z.record(z.string(), texts)).optional(),
      }),
    ),
  }),
  Roles: z.array(z.string()).length(1),
});

/** Everything a role may do, a line each: action, resource and, after a `?`, the condition. */
const grantsByRole = (template: WeatherTemplate): ReadonlyMap<string, readonly string[]> =>
  new Map(
    template.ofType('AWS::IAM::Policy').map(({ properties }) => {
      const { PolicyDocument, Roles } = POLICY.parse(plain(properties));
      const lines = PolicyDocument.Statement.flatMap(({ Action, Resource, Condition }) => {
        const condition = Object.entries(Condition ?? {})
          .flatMap(([operator, keys]) =>
            Object.entries(keys).map(([key, values]) => ` ? ${operator} ${key} ${values.join(' ')}`),
          )
          .join('');
        return Action.flatMap((action) => Resource.map((resource) => `${action} ${resource}${condition}`));
      });
      return [Roles[0] ?? '', lines.sort()];
    }),
  );

const READ_STREAM = ['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'];

/** What every processor may do: log, read its own stream, keep its own dead letters, and let the mapping keep what it gives up. */
const common = (processor: string, stream: string, id: string): readonly string[] => [
  `logs:CreateLogStream Function${processor}FunctionLogs.Arn`,
  `logs:PutLogEvents Function${processor}FunctionLogs.Arn`,
  ...READ_STREAM.map((action) => `kinesis:${action} Stream${stream}.Arn`),
  `s3:PutObject DeadLetters.Arn/letters/${id.replace('/', '~')}/*`,
  's3:PutObject DeadLetters.Arn/aws/lambda/*',
  's3:ListBucket DeadLetters.Arn',
];

const ownItems = (id: string): string => `ForAllValues:StringLike dynamodb:LeadingKeys ${id}|*`;
const ownItemsAndLanes = (id: string): string => `${ownItems(id)} ${id}#*`;

/** How far event time has come in the shards of its input: for every processor that writes streams. */
const shards = (id: string): readonly string[] =>
  ['BatchGetItem', 'PutItem'].map((action) => `dynamodb:${action} State.Arn ? ${ownItemsAndLanes(`${id}:shards`)}`);

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  FunctionWeatherValidateFunctionRole: [
    ...common('WeatherValidate', 'WeatherRaw', 'weather/validate'),
    ...shards('weather/validate'),
    'kinesis:PutRecords StreamWeatherValidated.Arn',
    'kinesis:PutRecords StreamWeatherErrors.Arn',
  ],
  FunctionWeatherAssembleFunctionRole: [
    ...common('WeatherAssemble', 'WeatherValidated', 'weather/assemble'),
    ...shards('weather/assemble'),
    'kinesis:PutRecords StreamWeatherAssembled.Arn',
    'kinesis:PutRecords StreamWeatherErrors.Arn',
    'kinesis:PutRecords StreamWeatherLate.Arn',
    `dynamodb:BatchGetItem State.Arn ? ${ownItemsAndLanes('weather/assemble')}`,
    `dynamodb:PutItem State.Arn ? ${ownItemsAndLanes('weather/assemble')}`,
    `dynamodb:UpdateItem State.Arn ? ${ownItemsAndLanes('weather/assemble')}`,
    `dynamodb:Query State.Arn/index/timers ? ${ownItemsAndLanes('weather/assemble')}`,
    `dynamodb:Query State.Arn/index/activity ? ${ownItemsAndLanes('weather/assemble')}`,
  ],
  FunctionWeatherEnrichFunctionRole: [
    ...common('WeatherEnrich', 'WeatherAssembled', 'weather/enrich'),
    ...shards('weather/enrich'),
    'kinesis:PutRecords StreamWeatherObservations.Arn',
    'kinesis:PutRecords StreamWeatherErrors.Arn',
    'dynamodb:BatchGetItem TableWeatherStations.Arn',
  ],
  FunctionWeatherAlertFunctionRole: [
    ...common('WeatherAlert', 'WeatherObservations', 'weather/alert'),
    ...shards('weather/alert'),
    'kinesis:PutRecords StreamWeatherAlerts.Arn',
    'dynamodb:Query TableWeatherRules.Arn',
    `dynamodb:BatchGetItem State.Arn ? ${ownItems('weather/alert')}`,
    `dynamodb:PutItem State.Arn ? ${ownItems('weather/alert')}`,
  ],
  FunctionWeatherDailyFunctionRole: [
    ...common('WeatherDaily', 'WeatherObservations', 'weather/daily'),
    'dynamodb:BatchGetItem TableWeatherDaily.Arn',
    'dynamodb:PutItem TableWeatherDaily.Arn',
  ],
  FunctionWeatherNotifyFunctionRole: [
    ...common('WeatherNotify', 'WeatherAlerts', 'weather/notify'),
    'sns:Publish TopicWeatherMail',
    `dynamodb:BatchGetItem State.Arn ? ${ownItems('weather/notify')}`,
    `dynamodb:PutItem State.Arn ? ${ownItems('weather/notify')}`,
  ],
  FunctionWeatherAlertLogFunctionRole: [
    ...common('WeatherAlertLog', 'WeatherAlerts', 'weather/alert-log'),
    'dynamodb:BatchGetItem TableWeatherAlertLog.Arn',
    'dynamodb:PutItem TableWeatherAlertLog.Arn',
  ],
  QueryApiFunctionRole: [
    'logs:CreateLogStream QueryApiFunctionLogs.Arn',
    'logs:PutLogEvents QueryApiFunctionLogs.Arn',
    'dynamodb:Query TableWeatherDaily.Arn',
    'dynamodb:Query TableWeatherAlertLog.Arn',
    'dynamodb:Query TableWeatherRules.Arn',
    'dynamodb:Query TableWeatherStations.Arn',
    'dynamodb:BatchGetItem TableWeatherRules.Arn',
    'dynamodb:PutItem TableWeatherRules.Arn',
    'secretsmanager:GetSecretValue QueryApiCursorSecret',
  ],
  FunctionWeatherAssembleSweepRole: ['lambda:InvokeFunction FunctionWeatherAssembleFunction.Arn'],
};

const template = new WeatherTemplate();

test('every role may do exactly what its part of the pipeline needs', () => {
  const sorted = Object.fromEntries(Object.entries(EXPECTED).map(([role, lines]) => [role, [...lines].sort()]));
  expect(Object.fromEntries(grantsByRole(template))).toEqual(sorted);
});

test('no role has rights beside those in its policy', () => {
  const roles = template.ofType('AWS::IAM::Role').map(({ properties }) => properties);
  expect(roles).toHaveLength(Object.keys(EXPECTED).length);
  expect(roles.filter((one) => 'ManagedPolicyArns' in one || 'Policies' in one)).toEqual([]);
});

test('no grant is for all resources or for all actions of a service', () => {
  const lines = [...grantsByRole(template).values()].flat();
  expect(lines.filter((line) => / \*(?: |$)/u.test(line) || /^[^ ]*\*/u.test(line))).toEqual([]);
});

test('the scheduler takes its role for schedules of this account only', () => {
  const { properties } = template.one('AWS::IAM::Role', 'FunctionWeatherAssembleSweepRole');
  expect(plain(properties)).toMatchObject({
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } },
        },
      ],
    },
  });
});
