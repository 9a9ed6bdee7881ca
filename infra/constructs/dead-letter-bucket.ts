import { Duration, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { keepsData, type DeploymentContext } from '../context.ts';
import { dataPolicy } from '../data-policy.ts';

/** How long a letter is there to be looked at and redriven. */
const LETTER_LIFE = Duration.days(365);

/** How long a letter that was overwritten or taken away can be brought back. */
const OLD_VERSION_LIFE = Duration.days(30);

/** Where records go that no step could take, and those that a mapping gives up. */
export class DeadLetterBucket extends Bucket {
  constructor(scope: Construct, id: string, context: DeploymentContext) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // Where data does not outlive the stack, old versions would only keep the bucket from being emptied.
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
        'An access log needs a second bucket to say what the functions log already: they alone write here, and who reads is in CloudTrail.',
    });
  }
}
