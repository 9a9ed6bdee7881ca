import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { OutputPort } from '../engine/ports.ts';
import { kinesisOutput, type KinesisOutputOptions } from './kinesis-output.ts';
import { outputPort, type OutputDriver } from './output-drivers.ts';
import { s3DeadLetters, type S3DeadLettersOptions } from './s3-dead-letters.ts';
import { snsOutput, type SnsOutputOptions } from './sns-output.ts';

/** What {@link awsOutputs} is made with. */
export interface AwsOutputsOptions
  extends Omit<KinesisOutputOptions, 'client'>, Omit<SnsOutputOptions, 'client'>, Omit<S3DeadLettersOptions, 'client'> {
  /** Asked for a client when something is first written with it. */
  readonly clients: { kinesis(): KinesisClient; sns(): SNSClient; s3(): S3Client };
}

/** Where outputs leave on AWS: streams into Kinesis, messages through SNS, dead letters into S3. */
export const awsOutputs = ({ clients, ...options }: AwsOutputsOptions): OutputPort => {
  let kinesis: OutputDriver<'stream'> | undefined;
  let sns: OutputDriver<'notification'> | undefined;
  let s3: OutputPort['deadLetter'] | undefined;
  return outputPort(
    {
      stream: (deliveries) => (kinesis ??= kinesisOutput({ ...options, client: clients.kinesis() }))(deliveries),
      notification: (deliveries) => (sns ??= snsOutput({ ...options, client: clients.sns() }))(deliveries),
    },
    (letters) => (s3 ??= s3DeadLetters({ ...options, client: clients.s3() }))(letters),
  );
};
