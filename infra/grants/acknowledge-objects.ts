import { CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/**
 * Records for cdk-nag why a role may write all objects under a prefix: nothing narrower can be named for objects that do not exist
 * yet. It covers this bucket and prefix only, so any other wildcard stays a finding.
 */
export const acknowledgeObjects = (scope: IConstruct, bucket: Bucket, prefix: string, reason: string): void => {
  const element = bucket.node.defaultChild;
  if (!CfnElement.isCfnElement(element))
    throw new TypeError(`the bucket ${bucket.node.path} does not belong to a stack`);
  Validations.of(scope).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${Stack.of(element).getLogicalId(element)}.Arn>/${prefix}*]`,
    reason,
  });
};
