import { DeleteObjectsCommand, ListObjectVersionsCommand, NoSuchBucket, type S3Client } from '@aws-sdk/client-s3';
import { DeploymentError } from '../deployment-error.ts';

/** Deletes every version of every object, so that the bucket itself can be deleted. A bucket that is gone is empty. */
export const emptyBucket = async (client: S3Client, bucket: string): Promise<void> => {
  for (;;) {
    const objects = await firstObjects(client, bucket);
    if (objects.length === 0) return;
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [...objects], Quiet: true } }),
    );
    const [first] = Errors;
    if (first !== undefined) {
      throw new DeploymentError(
        `${first.Key ?? 'an object'} of bucket ${bucket} was not deleted: ${first.Message ?? ''}`,
      );
    }
  }
};

type Found = readonly { readonly Key: string; readonly VersionId?: string }[];

const firstObjects = async (client: S3Client, bucket: string): Promise<Found> => {
  try {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    return [...Versions, ...DeleteMarkers].flatMap(({ Key, VersionId }) =>
      Key === undefined ? [] : [{ Key, ...(VersionId !== undefined && { VersionId }) }],
    );
  } catch (error) {
    if (error instanceof NoSuchBucket) return [];
    throw error;
  }
};
