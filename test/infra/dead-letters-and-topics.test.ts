import { expect, test } from '@jest/globals';
import { plain } from './support/plain.ts';
import { WeatherTemplate } from './support/weather-template.ts';

const template = new WeatherTemplate({
  stage: 'prod',
  alertEmail: 'a@example.org,b@example.org',
  operationsEmail: 'ops@example.org',
});
const bucket = template.one('AWS::S3::Bucket', 'DeadLetters').properties;

test('dead letters are in one bucket that is encrypted and cannot be made public', () => {
  expect(template.ofType('AWS::S3::Bucket')).toHaveLength(1);
  expect(bucket).toMatchObject({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
});

test('a letter is kept for a year, and one that was overwritten or deleted for a month longer', () => {
  expect(bucket).toMatchObject({
    LifecycleConfiguration: {
      Rules: [{ ExpirationInDays: 365, NoncurrentVersionExpiration: { NoncurrentDays: 30 }, Status: 'Enabled' }],
    },
    VersioningConfiguration: { Status: 'Enabled' },
  });
});

test('in dev the bucket keeps no old versions, so that it can be emptied', () => {
  expect(new WeatherTemplate().one('AWS::S3::Bucket', 'DeadLetters').properties).not.toHaveProperty(
    'VersioningConfiguration',
  );
});

test('the bucket is reached by TLS only', () => {
  const policy = plain(template.one('AWS::S3::BucketPolicy', 'DeadLettersPolicy').properties);
  expect(policy).toMatchObject({
    PolicyDocument: {
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
        expect.objectContaining({ Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
      ]),
    },
  });
});

test.each([
  ['TopicWeatherMail', 'TopicWeatherMailPolicy'],
  ['Operations', 'OperationsPolicy'],
])('messages of the topic %s are encrypted, and published by TLS only', (topic, policy) => {
  expect(template.one('AWS::SNS::Topic', topic).properties).toHaveProperty('KmsMasterKeyId');
  expect(plain(template.one('AWS::SNS::TopicPolicy', policy).properties)).toMatchObject({
    PolicyDocument: {
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sns:Publish',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ]),
    },
  });
});

test('each address gets the alerts addressed to it, and the operators get all alarms', () => {
  const subscriptions = template.ofType('AWS::SNS::Subscription').map(({ properties }) => plain(properties));
  expect(subscriptions).toHaveLength(3);
  expect(subscriptions).toEqual(
    expect.arrayContaining([
      ...['a@example.org', 'b@example.org'].map((address) => ({
        Endpoint: address,
        Protocol: 'email',
        TopicArn: 'TopicWeatherMail',
        FilterPolicy: { recipient: [address] },
      })),
      { Endpoint: 'ops@example.org', Protocol: 'email', TopicArn: 'Operations' },
    ]),
  );
});

test('alarms may use the key of their topic: without it they would vanish silently', () => {
  expect(plain(template.one('AWS::SNS::Topic', 'Operations').properties)).toMatchObject({
    KmsMasterKeyId: 'OperationsKey.Arn',
  });
  expect(plain(template.one('AWS::KMS::Key', 'OperationsKey').properties)).toMatchObject({
    EnableKeyRotation: true,
    KeyPolicy: {
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          Condition: { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } },
        }),
      ]),
    },
  });
});
