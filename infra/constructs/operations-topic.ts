import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { DeploymentContext } from '../deployment/context.ts';
import { dataPolicy } from '../deployment/data-policy.ts';

/** Options of {@link OperationsTopic}. */
export interface OperationsTopicProps {
  readonly context: DeploymentContext;
}

/** Sends alarms to the operators of the deployment. */
export class OperationsTopic extends Topic {
  constructor(scope: Construct, id: string, { context }: OperationsTopicProps) {
    // CloudWatch may not use the key that AWS manages for SNS: alarms would vanish silently.
    const key = new Key(scope, `${id}Key`, {
      description: 'Alarms in transit to the operators of the deployment',
      enableKeyRotation: true,
      removalPolicy: dataPolicy(context),
    });
    super(scope, id, { displayName: 'Millrace operations', enforceSSL: true, masterKey: key });
    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com');
    const ofThisAccount = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [alarms],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: ofThisAccount,
      }),
    );
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [alarms],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: ofThisAccount,
      }),
    );
    for (const address of context.operationsEmail) {
      new Subscription(this, address, { topic: this, protocol: SubscriptionProtocol.EMAIL, endpoint: address });
    }
  }
}
