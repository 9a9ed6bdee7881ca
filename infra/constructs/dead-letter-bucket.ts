import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** How long a letter can be inspected and redriven. */
const LETTER_LIFE = Duration.days(365);

/** How long a letter that was overwritten or deleted can be restored. */
const OLD_VERSION_LIFE = Duration.days(30);

/** Options of {@link DeadLetterBucket}. */
export interface DeadLetterBucketProps {
  /** Undefined: a key of S3. */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/** Keeps records that no step could process, and those that a mapping gives up. */
export class DeadLetterBucket extends Bucket {
  constructor(scope: Construct, id: string, { encryptionKey, removalPolicy }: DeadLetterBucketProps) {
    super(scope, id, {
      ...(encryptionKey === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // If data does not outlive the stack, old versions would only prevent the bucket from being emptied.
      versioned: removalPolicy !== RemovalPolicy.DESTROY,
      lifecycleRules: [
        {
          expiration: LETTER_LIFE,
          noncurrentVersionExpiration: OLD_VERSION_LIFE,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'An access log needs a second bucket and would repeat what the functions log: they alone write here, and CloudTrail records readers.',
    });
  }
}
