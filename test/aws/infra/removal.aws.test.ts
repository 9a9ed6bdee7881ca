import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, DeleteTableCommand, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from '@jest/globals';

import { deleteStack, emptyBucket, stackContents } from '../../../infra/commands/stack-removal.ts';

const name = `removal-${Date.now().toString(36)}`;
const cloudFormation = new CloudFormationClient();
const s3 = new S3Client({ forcePathStyle: true });
const dynamodb = new DynamoDBClient();

const TEMPLATE = {
  Resources: {
    Letters: { Type: 'AWS::S3::Bucket', Properties: { BucketName: `${name}-letters` } },
    Rows: {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Retain',
      Properties: {
        TableName: `${name}-rows`,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'b', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'b', KeyType: 'HASH' }],
      },
    },
  },
};

afterAll(async () => {
  try {
    await dynamodb.send(new DeleteTableCommand({ TableName: `${name}-rows` }));
  } catch (error) {
    // Some emulators delete what is to be retained.
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
});

test('a stack goes with what is in its buckets, and what is to outlive it is known before', async () => {
  await cloudFormation.send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(TEMPLATE) }));
  await waitUntilStackCreateComplete(
    { client: cloudFormation, maxWaitTime: 60, minDelay: 1, maxDelay: 2 },
    { StackName: name },
  );
  for (const Key of ['letters/a', 'letters/b']) {
    await s3.send(new PutObjectCommand({ Bucket: `${name}-letters`, Key, Body: '{}' }));
  }

  const contents = await stackContents(cloudFormation, name);
  expect(contents).toHaveLength(2);
  expect(contents).toEqual(
    expect.arrayContaining([
      { type: 'AWS::S3::Bucket', physicalId: `${name}-letters`, isRetained: false },
      { type: 'AWS::DynamoDB::Table', physicalId: `${name}-rows`, isRetained: true },
    ]),
  );

  await emptyBucket(s3, `${name}-letters`);
  await deleteStack(cloudFormation, name);
  await expect(s3.send(new HeadBucketCommand({ Bucket: `${name}-letters` }))).rejects.toThrow();
  expect(await stackContents(cloudFormation, name)).toBeUndefined();
});

test('a bucket that is gone is empty', async () => {
  await expect(emptyBucket(s3, `${name}-letters`)).resolves.toBeUndefined();
});
