import { randomUUID } from 'node:crypto';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  KinesisClient,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { patienceFor } from '../../../cli/aws/patience.ts';
import { kinesisShards } from '../../../cli/aws/shards/kinesis-shards.ts';
import { isDeadLetter } from '../../../shared/engine/dead-letter.ts';
import { awsOutputs } from '../../../shared/sink/aws-outputs.ts';
import type { ObservedOutputs } from '../../../shared/testing/output-port-contract.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { openMailbox } from '../support/mailbox.ts';

/** Outputs on resources of their own, and the clients to look at them with. */
export interface AwsObserved extends ObservedOutputs {
  readonly bucket: string;
  readonly s3: S3Client;
  /** Keys of all objects in the bucket. */
  keys(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const TRY_MS = 30_000;

/** Makes two streams, a topic with a queue, and a bucket under new names, and outputs that lead there. */
export const awsObserved = async (): Promise<AwsObserved> => {
  const kinesis = new KinesisClient({ maxAttempts: 1, requestHandler: new NodeHttpHandler() });
  const sns = new SNSClient({ maxAttempts: 1 });
  const s3 = new S3Client({ maxAttempts: 1, forcePathStyle: true });
  const name = `millrace-test-${randomUUID()}`;
  const streams = { one: `${name}-one`, two: `${name}-two` };

  for (const StreamName of Object.values(streams)) {
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
    await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { StreamName });
  }
  const { TopicArn: topic = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
  const mailbox = await openMailbox(topic, name);
  await s3.send(new CreateBucketCommand({ Bucket: name }));

  const keys = async (): Promise<readonly string[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: name }));
    return Contents.flatMap(({ Key }) => Key ?? []);
  };

  return {
    bucket: name,
    s3,
    keys,
    outputs: awsOutputs({
      clients: { kinesis: () => kinesis, sns: () => sns, s3: () => s3 },
      streams,
      topics: { mail: topic },
      bucket: name,
      messagesPerSecond: 1_000,
      ...patienceFor(TRY_MS),
    }),
    records: async (stream) => {
      const source = kinesisShards(kinesis, streams[stream]);
      const records: DeliveredRecord[] = [];
      for (const { shardId } of await source.shards()) {
        const cursor = source.read(shardId, { kind: 'start' });
        for (let isAtTip = false; !isAtTip;) {
          const page = await cursor.next();
          records.push(...page.records);
          isAtTip = page.ended || (page.records.length === 0 && page.behindMs === 0);
        }
      }
      return records;
    },
    messages: async () => (await mailbox.collect()).map(({ notification, ...message }) => ({ notification, message })),
    letters: async () => {
      const letters = [];
      for (const Key of await keys()) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: name, Key }));
        const letter: unknown = JSON.parse((await Body?.transformToString()) ?? '');
        if (isDeadLetter(letter)) letters.push(letter);
      }
      return letters;
    },
    close: async () => {
      for (const Key of await keys()) await s3.send(new DeleteObjectCommand({ Bucket: name, Key }));
      await s3.send(new DeleteBucketCommand({ Bucket: name }));
      await mailbox.close();
      await sns.send(new DeleteTopicCommand({ TopicArn: topic }));
      for (const StreamName of Object.values(streams)) {
        await kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
      }
      for (const client of [kinesis, sns, s3]) client.destroy();
    },
  };
};
