import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, DeleteTableCommand, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
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
    // Some emulators delete retained resources.
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
});

test('a stack is deleted with the objects of its buckets, and what will outlive it is known beforehand', async () => {
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

test('emptying a bucket deletes every version and delete marker in it, and nothing elsewhere', async () => {
  const [bucket, other] = [`${name}-versions`, `${name}-other`];
  for (const Bucket of [bucket, other]) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    for (const Body of ['first', 'second']) await s3.send(new PutObjectCommand({ Bucket, Key: 'letters/a', Body }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'letters/a' }));
  }
  const versionsIn = async (Bucket: string): Promise<number> => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    return Versions.length + DeleteMarkers.length;
  };
  expect(await versionsIn(bucket)).toBe(3);

  await emptyBucket(s3, bucket);
  expect(await versionsIn(bucket)).toBe(0);
  expect(await versionsIn(other)).toBe(3);

  // S3 deletes a bucket only if it is empty; emptying one that does not exist any more creates none.
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  await emptyBucket(s3, bucket);
  await expect(s3.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toThrow();
  await emptyBucket(s3, other);
  await s3.send(new DeleteBucketCommand({ Bucket: other }));
});
