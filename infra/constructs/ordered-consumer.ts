import { Duration, Names } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { StreamConsumer, type IStream, type IStreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import {
  EventSourceMapping,
  MetricType,
  StartingPosition,
  type DlqDestinationConfig,
  type IEventSourceDlq,
  type IFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { GIVEN_UP_PREFIX, MAX_RETRIES } from '../../shared/runtime/given-up.ts';
import { PARALLELIZATION_FACTOR } from '../deployment/concurrency.ts';
import { acknowledgeObjects } from '../grants/acknowledge-objects.ts';
import type { AnyBucket } from '../grants/topology-resources.ts';

/** How a processor reads its stream. */
export interface MappingOptions {
  /**
   * Where reading begins when the mapping is new. `LATEST` never reads what is put while the mapping starts.
   *
   * @default StartingPosition.TRIM_HORIZON, or AT_TIMESTAMP with `atTimestamp`
   */
  readonly startingPosition?: StartingPosition | undefined;
  /** Begins with the first record that arrived then or later. */
  readonly atTimestamp?: Date | undefined;
  /** 1 to 10,000 records. @default 1000 */
  readonly batchSize?: number | undefined;
  /** How long a batch may wait for more records; up to 5 minutes. @default - a second, or a minute for notifications */
  readonly batchingWindow?: Duration | undefined;
  /** Batches of one shard that are processed at a time, never two of one partition key; 1 to 10. @default 1 */
  readonly parallelizationFactor?: number | undefined;
  /**
   * 2 MB/s of every shard for this processor alone, at a price by shard-hour and volume. A consumer that exists may be given.
   *
   * @default false
   */
  readonly enhancedFanOut?: boolean | IStreamConsumer | undefined;
  /** Records that are older are given up and kept with the dead letters. @default - an hour less than the retention */
  readonly maxRecordAge?: Duration | undefined;
}

/** Options of {@link OrderedConsumer}. */
export interface OrderedConsumerProps {
  readonly stream: IStream;
  readonly handler: IFunction;
  readonly deadLetters: AnyBucket;
  /** The stream's retention; at least a day. */
  readonly retention: Duration;
  /** How long a batch waits for more records where the options say nothing. */
  readonly batchingWindow: Duration;
  readonly options: MappingOptions;
}

/** The longest that a mapping accepts: a week. */
const MAX_RECORD_AGE_HOURS = 168;

/** How long before the stream expires a record the mapping gives it up, so that it is kept before it is gone. */
const MARGIN_HOURS = 1;

const BATCH_SIZE = 1000;

/**
 * Feeds a stream to a function, shard by shard and in order, so that nothing is lost and nothing blocks a shard forever.
 *
 * A batch that fails is retried up to {@link MAX_RETRIES} times, bisected on the way, and then kept in the bucket with its payload.
 */
export class OrderedConsumer extends EventSourceMapping {
  constructor(scope: Construct, id: string, props: OrderedConsumerProps) {
    const { stream, handler, deadLetters, retention, options } = props;
    const { atTimestamp, batchSize = BATCH_SIZE, batchingWindow = props.batchingWindow } = options;
    const consumer = consumerOf(scope, `${id}Consumer`, stream, options);
    super(scope, id, {
      target: handler,
      eventSourceArn: consumer?.streamConsumerArn ?? stream.streamArn,
      ...(atTimestamp === undefined
        ? // With LATEST, records put while the mapping starts would never be read.
          { startingPosition: options.startingPosition ?? StartingPosition.TRIM_HORIZON }
        : {
            startingPosition: StartingPosition.AT_TIMESTAMP,
            startingPositionTimestamp: Math.floor(atTimestamp.getTime() / 1000),
          }),
      batchSize,
      maxBatchingWindow: batchingWindow,
      parallelizationFactor: options.parallelizationFactor ?? PARALLELIZATION_FACTOR,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: MAX_RETRIES,
      maxRecordAge:
        options.maxRecordAge ?? Duration.hours(Math.min(MAX_RECORD_AGE_HOURS, retention.toHours() - MARGIN_HOURS)),
      onFailure: bucketDestination(deadLetters),
      supportS3OnFailureDestination: true,
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    handler.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'kinesis:DescribeStream',
          'kinesis:DescribeStreamSummary',
          'kinesis:GetRecords',
          'kinesis:GetShardIterator',
          'kinesis:ListShards',
        ],
        resources: [stream.streamArn],
      }),
    );
    if (consumer !== undefined) {
      handler.addToRolePolicy(
        new PolicyStatement({
          actions: ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'],
          resources: [consumer.streamConsumerArn],
        }),
      );
    }
    stream.encryptionKey?.grant(handler, 'kms:Decrypt');
    handler.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [deadLetters.arnForObjects(`${GIVEN_UP_PREFIX}*`)] }),
    );
    handler.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [deadLetters.bucketArn] }));
    acknowledgeObjects(
      scope,
      deadLetters,
      GIVEN_UP_PREFIX,
      'AWS puts given-up records under the id of the mapping, which needs this permission before it exists and has an id.',
    );
  }
}

const MAX_CONSUMER_NAME_LENGTH = 128;

const consumerOf = (
  scope: Construct,
  id: string,
  stream: IStream,
  { enhancedFanOut = false }: MappingOptions,
): IStreamConsumer | undefined => {
  if (typeof enhancedFanOut === 'object') return enhancedFanOut;
  if (!enhancedFanOut) return undefined;
  const streamConsumerName = Names.uniqueResourceName(scope, { maxLength: MAX_CONSUMER_NAME_LENGTH, separator: '-' });
  return new StreamConsumer(scope, id, { stream, streamConsumerName });
};

/** The CDK's own destination would grant reading, changing and deleting everything in the bucket. */
const bucketDestination = (bucket: AnyBucket): IEventSourceDlq => ({
  bind: (): DlqDestinationConfig => ({ destination: bucket.bucketArn }),
});
