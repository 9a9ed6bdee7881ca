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
import type { Dispatch } from '../../../shared/engine/ports.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import type { Topology } from '../../../shared/processor/topology.ts';
import type { FunctionEnvironment } from '../../../shared/runtime/lambda/environment.ts';
import type { ReferenceRows } from '../../../shared/runtime/local/reference-tables.ts';
import { dynamoStore } from '../../../shared/state/dynamodb/dynamo-store.ts';
import { servingTable } from '../../../shared/state/dynamodb/serving-table.ts';
import { ROW_TABLE, STATE_TABLE } from '../../../shared/state/dynamodb/table-layout.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { openMailbox } from '../support/mailbox.ts';
import { deleteTables, dynamoClient, madeTable, patience } from '../state/made-table.ts';

/** All that the functions of a topology touch, made anew at an endpoint. */
export interface EmulatedTopology {
  readonly kinesis: KinesisClient;
  /** Physical names, by stream of the topology. */
  readonly streams: Readonly<Record<string, string>>;
  environmentOf(processor: Processor): FunctionEnvironment;
  /** To look into state and tables with. */
  state(): StateStore;
  /** JSON of all dead letters. */
  letters(): Promise<readonly string[]>;
  messages(): Promise<readonly Dispatch[]>;
  close(): Promise<void>;
}

const SHARDS = 2;
const FOREVER_MS = 1e12;

/** Makes streams, tables with their reference rows, a topic with a queue, and a bucket, under new names. */
export const emulatedTopology = async (topology: Topology, reference: ReferenceRows): Promise<EmulatedTopology> => {
  const dynamodb = dynamoClient();
  const kinesis = new KinesisClient({ maxAttempts: 1, requestHandler: new NodeHttpHandler() });
  const sns = new SNSClient();
  const s3 = new S3Client({ forcePathStyle: true });
  const name = `millrace-test-${randomUUID()}`;

  const made = async (names: readonly string[], make: (name: string) => Promise<string>) =>
    Object.fromEntries(await Promise.all(names.map(async (one): Promise<[string, string]> => [one, await make(one)])));
  const makeStream = async (stream: string): Promise<string> => {
    const StreamName = `${name}-${stream}`;
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: SHARDS }));
    await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { StreamName });
    return StreamName;
  };
  const makeReference = async (table: string): Promise<string> => {
    const physical = await madeTable(dynamodb, ROW_TABLE);
    const rows = [...(reference[table] ?? [])].map(([key, value]) => ({ key, value }));
    await servingTable(dynamodb, physical).put(rows);
    return physical;
  };
  const written = topology.streams.filter((stream) => !topology.sources.includes(stream));
  const [streams, stateTable, tables, references] = await Promise.all([
    made(namesOf(written), makeStream),
    madeTable(dynamodb, STATE_TABLE),
    made(namesOf(topology.tables), () => madeTable(dynamodb, ROW_TABLE)),
    made(namesOf(topology.references), makeReference),
  ]);
  const { TopicArn: topic = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
  const mailbox = await openMailbox(topic, name);
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const topics = Object.fromEntries(topology.notifications.map((one) => [one.name, topic]));

  const keys = async (): Promise<readonly string[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: name }));
    return Contents.flatMap(({ Key }) => Key ?? []);
  };

  return {
    kinesis,
    streams,
    environmentOf: (processor) => ({
      processor: processor.id,
      deployment: name,
      inputIsForeign: topology.sources.includes(processor.from),
      streams,
      stateTable,
      tables,
      references,
      topics,
      deadLetterBucket: name,
      concurrency: 1,
    }),
    state: () => dynamoStore({ client: dynamodb, stateTable, tables, forgetAfterMs: FOREVER_MS, ...patience() }),
    letters: async () => {
      const letters: string[] = [];
      for (const Key of await keys()) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: name, Key }));
        letters.push((await Body?.transformToString()) ?? '');
      }
      return letters;
    },
    messages: async () => (await mailbox.collect()).map(({ notification, ...message }) => ({ notification, message })),
    close: async () => {
      for (const Key of await keys()) await s3.send(new DeleteObjectCommand({ Bucket: name, Key }));
      await s3.send(new DeleteBucketCommand({ Bucket: name }));
      await mailbox.close();
      await sns.send(new DeleteTopicCommand({ TopicArn: topic }));
      await deleteTables(dynamodb, [stateTable, ...Object.values(tables), ...Object.values(references)]);
      for (const StreamName of Object.values(streams)) {
        await kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
      }
      for (const client of [dynamodb, kinesis, sns, s3]) client.destroy();
    },
  };
};

const namesOf = (named: readonly { readonly name: string }[]): readonly string[] => named.map(({ name }) => name);
