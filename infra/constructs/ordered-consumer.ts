import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import {
  EventSourceMapping,
  MetricType,
  StartingPosition,
  type DlqDestinationConfig,
  type IEventSourceDlq,
  type IFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { GIVEN_UP_PREFIX, MAX_RETRIES } from '../../shared/runtime/given-up.ts';
import { acknowledgeObjects } from '../grants/acknowledge-objects.ts';

/** Options of {@link OrderedConsumer}. */
export interface OrderedConsumerProps {
  readonly stream: Stream;
  readonly handler: IFunction;
  readonly deadLetters: Bucket;
  /** The stream's retention; at least 24. */
  readonly retentionHours: number;
  /** How long a batch may wait for more records; 1 to 300 seconds. */
  readonly batchingWindow: Duration;
  /** Batches of one shard that are processed at a time; 1 to 10. */
  readonly parallelizationFactor: number;
}

/** The longest that a mapping accepts: a week. */
const MAX_RECORD_AGE_HOURS = 168;

/** How long before the stream expires a record the mapping gives it up, so that it is kept before it is gone. */
const MARGIN_HOURS = 1;

/**
 * Feeds a stream to a function, shard by shard and in order, so that nothing is lost and nothing blocks a shard forever.
 *
 * A batch that fails is retried up to {@link MAX_RETRIES} times, bisected on the way, and then kept in the bucket with its payload.
 */
export class OrderedConsumer extends EventSourceMapping {
  constructor(scope: Construct, id: string, props: OrderedConsumerProps) {
    const { stream, handler, deadLetters, retentionHours } = props;
    super(scope, id, {
      target: handler,
      eventSourceArn: stream.streamArn,
      // With LATEST, records put while the mapping starts would never be read.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      maxBatchingWindow: props.batchingWindow,
      parallelizationFactor: props.parallelizationFactor,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: MAX_RETRIES,
      maxRecordAge: Duration.hours(Math.min(MAX_RECORD_AGE_HOURS, retentionHours - MARGIN_HOURS)),
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

/** The CDK's own destination would grant reading, changing and deleting everything in the bucket. */
const bucketDestination = (bucket: Bucket): IEventSourceDlq => ({
  bind: (): DlqDestinationConfig => ({ destination: bucket.bucketArn }),
});
