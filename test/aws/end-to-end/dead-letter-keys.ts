import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

/** Keys of all letters in a bucket of dead letters, ours and those of mappings. */
export const letterKeys = async (s3: S3Client, bucket: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
  }
  return keys;
};
