import { describe, expect, test } from '@jest/globals';
import { plain } from './support/plain.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const dev = new WeatherTemplate();
const prod = new WeatherTemplate({ stage: 'prod', shards: 4, retentionHours: 168 });
const onDemand = new WeatherTemplate({ capacity: 'on-demand', shards: 4 });

const STREAMS = ['Raw', 'Validated', 'Errors', 'Assembled', 'Late', 'Observations', 'Alerts'];
const TABLES = ['State', 'TableWeatherDaily', 'TableWeatherAlertLog', 'TableWeatherStations', 'TableWeatherRules'];

test('each stream of the topology is deployed, and a table for its state and each of its tables', () => {
  const streams = dev.ofType('AWS::Kinesis::Stream').map(({ logicalId }) => plain({ Ref: logicalId }));
  const tables = dev.ofType('AWS::DynamoDB::GlobalTable').map(({ logicalId }) => plain({ Ref: logicalId }));
  expect(streams.sort()).toEqual(STREAMS.map((name) => `StreamWeather${name}`).sort());
  expect(tables.sort()).toEqual([...TABLES].sort());
});

test.each(STREAMS)('what is in the stream %s is encrypted, and kept as long as the context says', (name) => {
  expect(dev.one('AWS::Kinesis::Stream', `StreamWeather${name}`).properties).toEqual({
    RetentionPeriodHours: 24,
    ShardCount: 1,
    StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
  });
  expect(prod.one('AWS::Kinesis::Stream', `StreamWeather${name}`).properties).toMatchObject({
    RetentionPeriodHours: 168,
    ShardCount: 4,
  });
});

test('on-demand streams have no shards of their own', () => {
  for (const { properties } of onDemand.ofType('AWS::Kinesis::Stream')) {
    expect(properties).toMatchObject({ StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    expect(properties).not.toHaveProperty('ShardCount');
  }
});

describe.each(TABLES)('the table %s', (name) => {
  const { properties } = dev.one('AWS::DynamoDB::GlobalTable', name);

  test('costs nothing while unused, is encrypted and expires what is no longer needed', () => {
    expect(properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      TimeToLiveSpecification: { AttributeName: 'x', Enabled: true },
    });
  });

  test('can be restored to any second', () => {
    expect(properties).toMatchObject({
      Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    });
  });

  test('cannot be deleted by mistake outside of dev', () => {
    expect(properties).toMatchObject({ Replicas: [{ DeletionProtectionEnabled: false }] });
    expect(prod.one('AWS::DynamoDB::GlobalTable', name).properties).toMatchObject({
      Replicas: [{ DeletionProtectionEnabled: true }],
    });
  });
});

test('the state table has the keys and indexes that the state store reads by', () => {
  expect(dev.one('AWS::DynamoDB::GlobalTable', 'State').properties).toMatchObject({
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'timers',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 't', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'activity',
        KeySchema: [
          { AttributeName: 'd', KeyType: 'HASH' },
          { AttributeName: 'i', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });
});

test('tables of rows have no index: each row is written once', () => {
  for (const name of TABLES.slice(1)) {
    const { properties } = dev.one('AWS::DynamoDB::GlobalTable', name);
    expect(properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'b', KeyType: 'HASH' },
        { AttributeName: 'k', KeyType: 'RANGE' },
      ],
    });
    expect(properties).not.toHaveProperty('LocalSecondaryIndexes');
    expect(properties).not.toHaveProperty('GlobalSecondaryIndexes');
  }
});

const HOLDS_DATA = [
  'AWS::Kinesis::Stream',
  'AWS::DynamoDB::GlobalTable',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::KMS::Key',
];

test.each(HOLDS_DATA)('outside of dev a %s outlives the stack; in dev it goes with it', (type) => {
  expect(new Set(prod.ofType(type).map(({ deletionPolicy }) => deletionPolicy))).toEqual(new Set(['Retain']));
  expect(new Set(dev.ofType(type).map(({ deletionPolicy }) => deletionPolicy))).toEqual(new Set(['Delete']));
});

test('physical names are CloudFormation’s, so that two stages and a replacement never collide', () => {
  const named = dev.resources.filter(({ properties }) =>
    ['Name', 'TableName', 'BucketName', 'TopicName', 'FunctionName', 'RoleName', 'LogGroupName', 'AlarmName'].some(
      (name) => typeof properties[name] === 'string',
    ),
  );
  expect(named.map(({ type }) => type)).toEqual(['AWS::ApiGatewayV2::Api']);
});
