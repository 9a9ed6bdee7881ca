import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { SWEEP_EVENT } from '../../shared/runtime/lambda/lambda-event.ts';

/** Calls a processor's function once a minute, which is as often as AWS schedules anything. */
export class IdleSweep extends Construct {
  constructor(scope: Construct, id: string, handler: IFunction) {
    super(scope, id);
    const { account } = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    // The schedule does not wait for an answer; a sweep that fails or is missed is made good by the next one.
    handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    // The CDK's own target may call every version of the function as well.
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] }));
    const schedule = new CfnSchedule(this, 'Schedule', {
      description: 'Fires the timers of partition keys that have fallen silent',
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: handler.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(SWEEP_EVENT),
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
    // Scheduler tries the role when the schedule is made.
    schedule.node.addDependency(role);
  }
}
