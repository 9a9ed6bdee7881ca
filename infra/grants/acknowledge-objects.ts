import { CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { AnyBucket } from './topology-resources.ts';

/**
 * Records for cdk-nag why a role may write all objects under a prefix: nothing narrower can be named for objects that do not exist
 * yet. It covers this bucket and prefix only, so any other wildcard stays a finding.
 */
export const acknowledgeObjects = (scope: IConstruct, bucket: AnyBucket, prefix: string, reason: string): void => {
  const element = bucket.node.defaultChild;
  // What is imported is no element of a stack: it has an ARN and no logical id, and cdk-nag says nothing in its place.
  if (element === undefined || !CfnElement.isCfnElement(element)) return;
  Validations.of(scope).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${Stack.of(element).getLogicalId(element)}.Arn>/${prefix}*]`,
    reason,
  });
};
