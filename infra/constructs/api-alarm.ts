import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
  type IAlarmAction,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRIC_PERIOD } from './processor-metrics.ts';

/** Options of {@link ApiAlarm}. */
export interface ApiAlarmProps {
  readonly apiId: string;
  /** Runs when the alarm begins and when it ends. */
  readonly action: IAlarmAction;
}

/** Goes off when the query API fails through a fault of its own. */
export class ApiAlarm extends Alarm {
  constructor(scope: Construct, id: string, { apiId, action }: ApiAlarmProps) {
    super(scope, id, {
      alarmDescription:
        'The query API answers with 5xx, so the fault is its own. Request ids and causes are in the log of its function.',
      metric: new Metric({
        namespace: 'AWS/ApiGateway',
        metricName: '5xx',
        dimensionsMap: { ApiId: apiId },
        statistic: Stats.SUM,
        period: METRIC_PERIOD,
      }),
      threshold: 1,
      evaluationPeriods: 2,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.addAlarmAction(action);
    this.addOkAction(action);
  }
}
