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
import { acknowledgeObjects } from '../acknowledge-objects.ts';

/** Options of {@link OrderedConsumer}. */
export interface OrderedConsumerProps {
  readonly stream: Stream;
  readonly handler: IFunction;
  readonly deadLetters: Bucket;
  /** How long the stream keeps a record; from 24. */
  readonly retentionHours: number;
  /** How long a batch may wait to become full; 1 to 300 seconds. */
  readonly batchingWindow: Duration;
  /** Batches of one shard that are worked on at a time; 1 to 10. */
  readonly parallelizationFactor: number;
}

/** Where AWS puts what a mapping gives up; the mapping's id follows, and it has none before it exists. */
const GIVEN_UP_PREFIX = 'aws/lambda/';

/** AWS's most, a week. */
const OLDEST_HOURS = 168;

/** How much sooner than the stream the mapping lets go of a record, so that it is kept aside before it is gone. */
const MARGIN_HOURS = 1;

/**
 * What no step can take is a dead letter already and uses up none. What does is a fault of the system, such as a table that
 * throttles, and that passes: with few retries it would cost good records their place in the order.
 */
const RETRIES = 100;

/**
 * Feeds a stream to a function, shard by shard and in order, so that nothing is lost and nothing stands in the way for ever.
 *
 * What cannot be worked on is tried again a hundred times, cut smaller and smaller, and then put into the bucket with its payload.
 */
export class OrderedConsumer extends EventSourceMapping {
  constructor(scope: Construct, id: string, props: OrderedConsumerProps) {
    const { stream, handler, deadLetters, retentionHours } = props;
    super(scope, id, {
      target: handler,
      eventSourceArn: stream.streamArn,
      // With LATEST, what is put while the mapping comes up is never read.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      maxBatchingWindow: props.batchingWindow,
      parallelizationFactor: props.parallelizationFactor,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: RETRIES,
      maxRecordAge: Duration.hours(Math.min(OLDEST_HOURS, retentionHours - MARGIN_HOURS)),
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
      'AWS puts what a mapping gives up under an id that the mapping has only once it exists, and it wants the right before.',
    );
  }
}

/** The CDK's own destination lets the function read, change and delete all of the bucket. */
const bucketDestination = (bucket: Bucket): IEventSourceDlq => ({
  bind: (): DlqDestinationConfig => ({ destination: bucket.bucketArn }),
});
