import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IEventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import { bookMetric, METRIC_NAMESPACE, METRICS, metricDimensions } from '../../shared/runtime/lambda/batch-report.ts';

/** The period that one value of a metric covers. */
export const METRIC_PERIOD: Duration = Duration.minutes(5);

/** A processor as it is deployed. */
export interface DeployedProcessor {
  readonly id: string;
  /** The stack's name. */
  readonly deployment: string;
  readonly hasTimers: boolean;
  readonly handler: IFunction;
  readonly mapping: IEventSourceMapping;
}

/** What is measured of each processor. */
export interface ProcessorMetrics {
  readonly iteratorAgeMs: Metric;
  readonly heldPartitions: Metric;
  readonly deadLettered: Metric;
  /** Records that the mapping has given up and put into the dead-letter bucket. */
  readonly givenUp: Metric;
  /** Records that the mapping has given up and could not put there. */
  readonly dropped: Metric;
  readonly throttles: Metric;
  readonly errors: Metric;
  readonly invocations: Metric;
  readonly durationMs: Metric;
  readonly watermarkDelayMs: Metric;
  readonly conflicts: Metric;
  readonly applied: Metric;
  readonly recordsIn: Metric;
}

/** The metrics of a processor: its own, its function's and its mapping's. */
export const processorMetrics = ({ id, deployment, handler, mapping }: DeployedProcessor): ProcessorMetrics => {
  const metric = (namespace: string, dimensionsMap: Record<string, string>, metricName: string, statistic: string) =>
    new Metric({ namespace, metricName, dimensionsMap, statistic, period: METRIC_PERIOD });
  const own = (name: string, statistic: string): Metric =>
    metric(METRIC_NAMESPACE, { ...metricDimensions(deployment, id) }, name, statistic);
  const ofFunction = (name: string, statistic: string): Metric =>
    metric('AWS/Lambda', { FunctionName: handler.functionName }, name, statistic);
  const ofMapping = (name: string): Metric =>
    metric('AWS/Lambda', { EventSourceMappingUUID: mapping.eventSourceMappingId }, name, Stats.SUM);
  return {
    iteratorAgeMs: ofFunction('IteratorAge', Stats.MAXIMUM),
    heldPartitions: own(METRICS.heldPartitions, Stats.MAXIMUM),
    deadLettered: own(bookMetric('deadLettered'), Stats.SUM),
    givenUp: ofMapping('OnFailureDestinationDeliveredEventCount'),
    dropped: ofMapping('DroppedEventCount'),
    throttles: ofFunction('Throttles', Stats.SUM),
    errors: ofFunction('Errors', Stats.SUM),
    invocations: ofFunction('Invocations', Stats.SUM),
    durationMs: ofFunction('Duration', Stats.MAXIMUM),
    watermarkDelayMs: own(METRICS.watermarkDelay, Stats.MAXIMUM),
    conflicts: own(METRICS.conflicts, Stats.SUM),
    applied: own(bookMetric('applied'), Stats.SUM),
    recordsIn: own(bookMetric('in'), Stats.SUM),
  };
};
