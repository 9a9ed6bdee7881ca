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
import { PROCESSOR_ALARMS, TIMER_ALARMS, type AlarmId } from '../../shared/runtime/deployment/alarm-ids.ts';
import type { DeploymentContext } from '../deployment/context.ts';
import { METRIC_PERIOD, processorMetrics, type DeployedProcessor } from './processor-metrics.ts';

const ITERATOR_AGE_MINUTES = 15;
const ERROR_PERCENT = 5;

/** Periods that a condition must last if it may pass by itself. */
const LASTING = 3;

/** Options of {@link ProcessorAlarms}. */
export interface ProcessorAlarmsProps {
  readonly processor: DeployedProcessor;
  readonly context: DeploymentContext;
  /** Runs when an alarm begins and when it ends. */
  readonly action: IAlarmAction;
}

interface AlarmRule {
  /** What has happened and what to do first; docs/operations.md has the rest. */
  readonly says: string;
  readonly metric: IMetric;
  /** The alarm goes off at this value. */
  readonly threshold: number;
  /** For how many periods in a row. */
  readonly periods: number;
}

/** Goes off when a processor needs attention. Missing data is no alarm, because a processor without records has none. */
export class ProcessorAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { processor, context, action }: ProcessorAlarmsProps) {
    super(scope, id);
    const { watermarkDelayHours } = context;
    const rules = rulesOf(processor, context);
    const ids =
      processor.hasTimers && watermarkDelayHours !== undefined
        ? [...PROCESSOR_ALARMS, ...TIMER_ALARMS]
        : PROCESSOR_ALARMS;
    this.alarms = ids.map((alarmId) => {
      const { says, metric, threshold, periods } = rules[alarmId];
      const alarm = new Alarm(this, alarmId, {
        alarmDescription: `${processor.id}: ${says}`,
        metric,
        threshold,
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
  { target, watermarkDelayHours = 0 }: DeploymentContext,
): Readonly<Record<AlarmId, AlarmRule>> => {
  const metrics = processorMetrics(processor);
  return {
    IteratorAge: {
      says: `records have waited for more than ${String(ITERATOR_AGE_MINUTES)} minutes. Check whether partition keys are held or the function is throttled; otherwise add shards.`,
      metric: metrics.iteratorAgeMs,
      threshold: Duration.minutes(ITERATOR_AGE_MINUTES).toMilliseconds(),
      periods: LASTING,
    },
    HeldPartitions: {
      says: 'partition keys are held: their records are delivered again and again. The log says why, and so does `millrace status`.',
      metric: metrics.heldPartitions,
      threshold: 1,
      periods: LASTING,
    },
    DeadLetters: {
      says: 'records that no step could process were kept as dead letters. Look at them with `millrace dead-letters list`.',
      metric: metrics.deadLettered,
      threshold: 1,
      periods: 1,
    },
    GivenUp: {
      says: 'the mapping has given records up and put them with the dead letters. Find the cause, then `millrace dead-letters redrive`.',
      metric: metrics.givenUp,
      threshold: 1,
      periods: 1,
    },
    Dropped: {
      says: 'the mapping has dropped records without keeping them. Check whether it may write to the dead-letter bucket; the records are in the stream until its retention ends.',
      metric: metrics.dropped,
      threshold: 1,
      periods: 1,
    },
    Throttles: {
      says: "Lambda runs the function less often than it is invoked. Raise the account's concurrency, or deploy with -c reservedConcurrency=off.",
      metric: metrics.throttles,
      threshold: 1,
      periods: LASTING,
    },
    Errors: {
      says: 'invocations fail or time out. Read the last errors in its log group.',
      ...(target === 'local'
        ? // Emulators cannot evaluate metric math.
          { metric: metrics.errors, threshold: 1 }
        : { metric: percentOf(metrics.errors, metrics.invocations), threshold: ERROR_PERCENT }),
      periods: LASTING,
    },
    WatermarkDelay: {
      says: `event time lags the clock by more than ${String(watermarkDelayHours)} hours, so windows close late. Check whether the producer lags, or old data is being replayed.`,
      metric: metrics.watermarkDelayMs,
      threshold: Duration.hours(watermarkDelayHours).toMilliseconds(),
      periods: LASTING,
    },
  };
};

const percentOf = (part: IMetric, whole: IMetric): MathExpression =>
  new MathExpression({
    expression: '100 * part / whole',
    usingMetrics: { part, whole },
    label: 'errors in percent of invocations',
    period: METRIC_PERIOD,
  });
