import { Duration, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { DeploymentContext } from '../deployment/context.ts';
import { dataPolicy, keepsData } from '../deployment/data-policy.ts';

/** How long a letter can be inspected and redriven. */
const LETTER_LIFE = Duration.days(365);

/** How long a letter that was overwritten or deleted can be restored. */
const OLD_VERSION_LIFE = Duration.days(30);

/** Options of {@link DeadLetterBucket}. */
export interface DeadLetterBucketProps {
  readonly context: DeploymentContext;
}

/** Keeps records that no step could process, and those that a mapping gives up. */
export class DeadLetterBucket extends Bucket {
  constructor(scope: Construct, id: string, { context }: DeadLetterBucketProps) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // If data does not outlive the stack, old versions would only prevent the bucket from being emptied.
      versioned: keepsData(context),
      lifecycleRules: [
        {
          expiration: LETTER_LIFE,
          noncurrentVersionExpiration: OLD_VERSION_LIFE,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: dataPolicy(context),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'An access log needs a second bucket and would repeat what the functions log: they alone write here, and CloudTrail records readers.',
    });
  }
}
