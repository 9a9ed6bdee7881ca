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
import { lettersIn } from '../../../shared/sink/dead-letter-objects.ts';
import type { ObservedMessage } from '../../../shared/testing/output-port-rule.ts';
import { openMailbox } from './mailbox.ts';

/** Where outputs lead to at an endpoint, made anew, and the clients to look at it with; a client makes one attempt. */
export interface OutputPlaces {
  /** Of the bucket, and what all names begin with. */
  readonly name: string;
  readonly kinesis: KinesisClient;
  readonly sns: SNSClient;
  readonly s3: S3Client;
  /** Physical names, by the names asked for. */
  readonly streams: Readonly<Record<string, string>>;
  readonly topicArn: string;
  /** Keys of all objects in the bucket. */
  readonly keys: () => Promise<readonly string[]>;
  /** JSON of all dead letters in the bucket, each once. */
  readonly letters: () => Promise<readonly string[]>;
  readonly messages: () => Promise<readonly ObservedMessage[]>;
  readonly close: () => Promise<void>;
}

const SHARDS = 2;

/** Makes streams, a topic with a queue, and a bucket, under new names. */
export const outputPlaces = async (streamNames: readonly string[]): Promise<OutputPlaces> => {
  const kinesis = new KinesisClient({ maxAttempts: 1, requestHandler: new NodeHttpHandler() });
  const sns = new SNSClient({ maxAttempts: 1 });
  const s3 = new S3Client({ maxAttempts: 1, forcePathStyle: true });
  const name = `millrace-test-${randomUUID()}`;
  const streams = Object.fromEntries(streamNames.map((stream) => [stream, `${name}-${stream}`]));

  await Promise.all(
    Object.values(streams).map(async (StreamName) => {
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: SHARDS }));
      await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { StreamName });
    }),
  );
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
  const mailbox = await openMailbox(topicArn, name);
  await s3.send(new CreateBucketCommand({ Bucket: name }));

  const keys = async (): Promise<readonly string[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: name }));
    return Contents.flatMap(({ Key }) => Key ?? []);
  };

  return {
    name,
    kinesis,
    sns,
    s3,
    streams,
    topicArn,
    keys,
    letters: async () => {
      const letters = new Set<string>();
      for (const Key of await keys()) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: name, Key }));
        const body = (await Body?.transformToByteArray()) ?? new Uint8Array();
        for (const letter of lettersIn(body).letters) letters.add(JSON.stringify(letter));
      }
      return [...letters];
    },
    messages: async () => (await mailbox.collect()).map(({ notification, ...message }) => ({ notification, message })),
    close: async () => {
      for (const Key of await keys()) await s3.send(new DeleteObjectCommand({ Bucket: name, Key }));
      await s3.send(new DeleteBucketCommand({ Bucket: name }));
      await mailbox.close();
      await sns.send(new DeleteTopicCommand({ TopicArn: topicArn }));
      for (const StreamName of Object.values(streams)) {
        await kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
      }
      for (const client of [kinesis, sns, s3]) client.destroy();
    },
  };
};
