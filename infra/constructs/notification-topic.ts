import { Alias } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionFilter, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { outputName } from '../../shared/runtime/deployment/output-name.ts';

/** The topic of one notification of a topology. Each address gets what is for it, once it has confirmed. */
export class NotificationTopic extends Topic {
  constructor(scope: Construct, name: string, addresses: readonly string[]) {
    super(scope, outputName('Topic', name), {
      displayName: name,
      enforceSSL: true,
      masterKey: Alias.fromAliasName(scope, `${outputName('Topic', name)}Key`, 'alias/aws/sns'),
    });
    for (const address of addresses) {
      new Subscription(this, address, {
        topic: this,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: address,
        filterPolicy: { recipient: SubscriptionFilter.stringFilter({ allowlist: [address] }) },
      });
    }
  }
}
