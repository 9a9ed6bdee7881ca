import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Processor } from '../../shared/processor/processor.ts';
import { NotificationTopic } from '../constructs/notification-topic.ts';
import { needsOf } from '../deployment/processor-needs.ts';
import { resourceOf, type TopologyResources } from './topology-resources.ts';

/** A key that a processor's function must be able to use, and for what. */
export interface KeyGrant {
  readonly key: IKey;
  readonly actions: readonly string[];
}

const PUT: readonly string[] = ['kms:GenerateDataKey'];
const PUBLISH: readonly string[] = ['kms:Decrypt', 'kms:GenerateDataKey'];
const READ_TABLE: readonly string[] = ['kms:Decrypt', 'kms:DescribeKey'];
/** DynamoDB uses the key in the name of its caller. */
const WRITE_TABLE: readonly string[] = [
  ...READ_TABLE,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/**
 * The keys of all that a processor writes or looks into, each resource's own; the key of the stream it reads is granted with its
 * mapping. Keys that AWS manages need no permission.
 */
export const keyGrants = (processor: Processor, resources: TopologyResources): readonly KeyGrant[] => {
  const { streams, tables, references, topics, stateTable, deadLetters } = resources;
  const { looksInto, fills, keepsState, keepsShards } = needsOf(processor);
  const uses: readonly (readonly [key: IKey | undefined, actions: readonly string[]])[] = [
    ...Object.values(processor.to).map(({ kind, name }) =>
      kind === 'stream'
        ? ([resourceOf(streams, name).encryptionKey, PUT] as const)
        : ([keyOfTopic(resourceOf(topics, name)), PUBLISH] as const),
    ),
    ...[...looksInto.keys()].map(
      (name) => [resourceOf(tables.has(name) ? tables : references, name).encryptionKey, READ_TABLE] as const,
    ),
    [fills === undefined ? undefined : resourceOf(tables, fills).encryptionKey, WRITE_TABLE],
    [keepsState || keepsShards ? stateTable?.encryptionKey : undefined, WRITE_TABLE],
    [deadLetters.encryptionKey, PUT],
  ];
  const grants = new Map<IKey, Set<string>>();
  for (const [key, actions] of uses) {
    if (key !== undefined) grants.set(key, (grants.get(key) ?? new Set()).union(new Set(actions)));
  }
  return [...grants].map(([key, actions]) => ({ key, actions: [...actions].sort() }));
};

const keyOfTopic = (topic: ITopic): IKey | undefined =>
  topic instanceof NotificationTopic ? topic.encryptionKey : topic.masterKey;
