import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  TreatMissingData,
  type IAlarmAction,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DeploymentContext } from '../context.ts';
import { METRIC_PERIOD, processorMetrics, type DeployedProcessor } from '../processor-metrics.ts';

const ITERATOR_AGE_MINUTES = 15;
const ERROR_PERCENT = 5;

/** For how many periods something that may pass by itself must last. */
const LASTING = 3;

interface AlarmRule {
  readonly id: string;
  /** What has happened and what to do first; docs/operations.md has the rest. */
  readonly says: string;
  readonly metric: IMetric;
  /** The first value that is too much. */
  readonly from: number;
  /** In how many periods one after the other. */
  readonly periods: number;
}

/** Says when a processor needs somebody. No data is no alarm: a processor without records has nothing to say. */
export class ProcessorAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(
    scope: Construct,
    id: string,
    processor: DeployedProcessor,
    context: DeploymentContext,
    action: IAlarmAction,
  ) {
    super(scope, id);
    this.alarms = rulesOf(processor, context).map(({ id: name, says, metric, from, periods }) => {
      const alarm = new Alarm(this, name, {
        alarmDescription: `${processor.id}: ${says}`,
        metric,
        threshold: from,
        evaluationPeriods: periods,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
      return alarm;
    });
  }
}

const rulesOf = (
  processor: DeployedProcessor,
  { target, watermarkDelayHours }: DeploymentContext,
): readonly AlarmRule[] => {
  const metrics = processorMetrics(processor);
  const rules: readonly AlarmRule[] = [
    {
      id: 'IteratorAge',
      says: `records wait for more than ${String(ITERATOR_AGE_MINUTES)} minutes. See whether lanes are held or the function is throttled; otherwise add shards.`,
      metric: metrics.iteratorAgeMs,
      from: Duration.minutes(ITERATOR_AGE_MINUTES).toMilliseconds(),
      periods: LASTING,
    },
    {
      id: 'HeldLanes',
      says: 'partition keys are held back, their records come again and again. The log says why: `millrace status`.',
      metric: metrics.heldLanes,
      from: 1,
      periods: LASTING,
    },
    {
      id: 'DeadLetters',
      says: 'records were kept aside because no step could take them. Look at them with `millrace dead-letters list`.',
      metric: metrics.deadLettered,
      from: 1,
      periods: 1,
    },
    {
      id: 'GivenUp',
      says: 'the mapping has given records up and put them with the dead letters. Find the cause, then `millrace dead-letters redrive`.',
      metric: metrics.givenUp,
      from: 1,
      periods: 1,
    },
    {
      id: 'Dropped',
      says: 'the mapping has dropped records without keeping them. See whether it may write to the bucket of dead letters; the records are in the stream until its retention ends.',
      metric: metrics.dropped,
      from: 1,
      periods: 1,
    },
    {
      id: 'Throttles',
      says: "the function is not let run as often as it is called. Raise the account's concurrency, or deploy with -c reservedConcurrency=off.",
      metric: metrics.throttles,
      from: 1,
      periods: LASTING,
    },
    {
      id: 'Errors',
      says: 'invocations fail or run out of time. Read the last errors of its log group.',
      ...(target === 'local'
        ? // Emulators cannot reckon with metrics.
          { metric: metrics.errors, from: 1 }
        : { metric: percentOf(metrics.errors, metrics.invocations), from: ERROR_PERCENT }),
      periods: LASTING,
    },
  ];
  return processor.hasTimers && watermarkDelayHours !== undefined
    ? [
        ...rules,
        {
          id: 'WatermarkDelay',
          says: `event time is more than ${String(watermarkDelayHours)} hours behind the clock, so windows close late. See whether the producer lags, or old data is being replayed.`,
          metric: metrics.watermarkDelayMs,
          from: Duration.hours(watermarkDelayHours).toMilliseconds(),
          periods: LASTING,
        },
      ]
    : rules;
};

const percentOf = (part: IMetric, whole: IMetric): MathExpression =>
  new MathExpression({
    expression: '100 * part / whole',
    usingMetrics: { part, whole },
    label: 'errors in percent of invocations',
    period: METRIC_PERIOD,
  });
