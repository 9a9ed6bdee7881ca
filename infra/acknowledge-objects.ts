import { CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/**
 * Says why a role may write all objects of a prefix: of what is not there yet, nothing narrower can be named. The finding
 * is named by the bucket and the prefix, so another one stays a finding.
 */
export const acknowledgeObjects = (scope: IConstruct, bucket: Bucket, prefix: string, reason: string): void => {
  const element = bucket.node.defaultChild;
  if (!CfnElement.isCfnElement(element)) throw new TypeError(`the bucket ${bucket.node.path} is not of this stack`);
  Validations.of(scope).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${Stack.of(element).getLogicalId(element)}.Arn>/${prefix}*]`,
    reason,
  });
};
