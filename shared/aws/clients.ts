import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Clients of the services that processors use. Each is made when it is first asked for, and only once. */
export interface AwsClients {
  dynamodb(): DynamoDBClient;
  kinesis(): KinesisClient;
  s3(): S3Client;
  sns(): SNSClient;
}

/**
 * Makes the clients; region, credentials and endpoint come from the SDK's own chain, so `AWS_ENDPOINT_URL` works.
 *
 * A client makes one attempt: how often and how long a call is retried is decided where it is known what is at stake
 * and how much time is left.
 */
export const awsClients = (env: NodeJS.ProcessEnv = process.env): AwsClients => {
  const common = { maxAttempts: 1 };
  return {
    dynamodb: once(() => new DynamoDBClient(common)),
    // Over HTTP/2, the default here, a session that ends during a request can end the process: local endpoints close them under
    // load, and a function is frozen between two batches for longer than a session lasts.
    kinesis: once(() => new KinesisClient({ ...common, requestHandler: new NodeHttpHandler() })),
    // A local endpoint has no host name per bucket.
    s3: once(() => new S3Client({ ...common, forcePathStyle: isOverridden(env, 'S3') })),
    sns: once(() => new SNSClient(common)),
  };
};

const isOverridden = (env: NodeJS.ProcessEnv, service: string): boolean =>
  (env[`AWS_ENDPOINT_URL_${service}`] ?? env['AWS_ENDPOINT_URL'] ?? '') !== '';

const once = <Client>(make: () => Client): (() => Client) => {
  let made: Client | undefined;
  return () => (made ??= make());
};
