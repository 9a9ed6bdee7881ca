import { Alias, type IKey } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionFilter, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Options of {@link NotificationTopic}. */
export interface NotificationTopicProps {
  /** Shown to recipients. */
  readonly displayName: string;
  /** E-mail addresses that may be notified. */
  readonly addresses: readonly string[];
  /** Undefined: the key that AWS manages for SNS. */
  readonly encryptionKey: IKey | undefined;
}

/** The topic of one notification of a topology. Each address gets the messages addressed to it, once it has confirmed. */
export class NotificationTopic extends Topic {
  /** Undefined: the key that AWS manages for SNS, whose use needs no permission. */
  readonly encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, { displayName, addresses, encryptionKey }: NotificationTopicProps) {
    super(scope, id, {
      displayName,
      enforceSSL: true,
      masterKey: encryptionKey ?? Alias.fromAliasName(scope, `${id}Key`, 'alias/aws/sns'),
    });
    this.encryptionKey = encryptionKey;
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
