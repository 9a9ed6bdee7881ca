import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
  type IAlarmAction,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRIC_PERIOD } from '../processor-metrics.ts';

/** Says when the query API answers with errors of its own, not of those who ask. */
export class ApiAlarm extends Alarm {
  constructor(scope: Construct, id: string, apiId: string, action: IAlarmAction) {
    super(scope, id, {
      alarmDescription:
        'The query API answers with errors of its own. The request ids and causes are in the log of its function.',
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
