import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { OutputPort } from '../engine/ports.ts';
import { deadLetterKey } from './dead-letter-key.ts';
import { inParallel } from './in-parallel.ts';
import { retrying, type Patience } from './retry.ts';
import { SinkError, orRefused, type Reporting } from './sink-error.ts';

/** What {@link s3DeadLetters} is made with. */
export interface S3DeadLettersOptions extends Patience, Reporting {
  readonly client: S3Client;
  /** Physical name. */
  readonly bucket: string;
}

const OBJECTS_AT_ONCE = 8;

/** Keeps dead letters in a bucket, one object each, its JSON under {@link deadLetterKey}: to keep one twice is to keep it once. */
export const s3DeadLetters = (options: S3DeadLettersOptions): Pick<OutputPort, 'keep'> => {
  const { client, bucket, report } = options;
  const target = `bucket '${bucket}'`;
  return {
    keep: async (letters) => {
      const keeping = inParallel(OBJECTS_AT_ONCE, letters, (letter) => {
        const object = {
          Bucket: bucket,
          Key: deadLetterKey(letter),
          Body: JSON.stringify(letter),
          ContentType: 'application/json',
        };
        return retrying(options, async (signal) => {
          await client.send(new PutObjectCommand(object), { abortSignal: signal });
          return { kind: 'done', value: undefined };
        });
      });
      const results = await orRefused(target, keeping);
      const givenUp = results.find(({ kind }) => kind === 'gave-up');
      if (givenUp?.kind === 'gave-up') report?.(new SinkError(target, 'given-up', givenUp.cause));
      return results.map(({ kind }) => kind === 'done');
    },
  };
};
