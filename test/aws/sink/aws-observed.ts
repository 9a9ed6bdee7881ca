import type { S3Client } from '@aws-sdk/client-s3';
import { retryUntil } from '../../../cli/aws/calls.ts';
import { kinesisShards } from '../../../cli/aws/kinesis-shards.ts';
import { isDeadLetter } from '../../../shared/engine/dead-letter.ts';
import { awsOutputs } from '../../../shared/sink/aws-outputs.ts';
import type { ObservedOutputs } from '../../../shared/testing/output-port-contract.ts';
import type { DeliveredRecord } from '../../../shared/stream/delivered-record.ts';
import { outputPlaces } from '../support/output-places.ts';

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
  const places = await outputPlaces(['one', 'two']);
  const { name, kinesis, sns, s3, streams, topicArn, keys, messages, close } = places;

  return {
    bucket: name,
    s3,
    keys,
    outputs: awsOutputs({
      clients: { kinesis: () => kinesis, sns: () => sns, s3: () => s3 },
      streams,
      topics: { mail: topicArn },
      bucket: name,
      messagesPerSecond: 1_000,
      ...retryUntil(TRY_MS),
    }),
    records: async (stream) => {
      const source = kinesisShards(kinesis, streams[stream] ?? '');
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
    messages,
    letters: async () =>
      (await places.letters()).map((text): unknown => JSON.parse(text)).filter((letter) => isDeadLetter(letter)),
    close,
  };
};
