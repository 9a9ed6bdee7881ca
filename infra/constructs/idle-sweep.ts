import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { SWEEP_EVENT } from '../../shared/runtime/lambda/lambda-event.ts';

/** Options of {@link IdleSweep}. */
export interface IdleSweepProps {
  /** The processor's function. */
  readonly handler: IFunction;
}

/** Invokes a processor's function once a minute, the shortest interval that AWS schedules. */
export class IdleSweep extends Construct {
  constructor(scope: Construct, id: string, { handler }: IdleSweepProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    // The schedule does not wait for a response; the next sweep makes up for one that fails or is missed.
    handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    // The CDK's own target may invoke every version of the function.
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] }));
    const schedule = new CfnSchedule(this, 'Schedule', {
      description: 'Fires the timers of idle partition keys',
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: handler.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(SWEEP_EVENT),
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
    // Scheduler tests the role when the schedule is created.
    schedule.node.addDependency(role);
  }
}
