import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { DEAD_LETTERS_PREFIX, lettersIn } from '../../../shared/sink/dead-letter-objects.ts';

/** Keys of all letters in a bucket of dead letters, ours and those of mappings. */
export const letterKeys = async (s3: S3Client, bucket: string): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
  }
  return keys;
};

/** How many letters a bucket of dead letters holds; what a mapping gave up counts as one. */
export const letterCount = async (s3: S3Client, bucket: string): Promise<number> => {
  let count = 0;
  for (const Key of await letterKeys(s3, bucket)) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const body = (await Body?.transformToByteArray()) ?? new Uint8Array();
    count += Key.startsWith(DEAD_LETTERS_PREFIX) ? lettersIn(body).letters.length : 1;
  }
  return count;
};
