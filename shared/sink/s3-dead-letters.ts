import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';
import { SinkError, orRefused, type Reporting } from '../aws/errors.ts';
import { inParallel } from '../aws/in-parallel.ts';
import { retrying, type RetryPolicy } from '../aws/retry.ts';
import { deadLetterId, type DeadLetter } from '../engine/dead-letter.ts';
import type { OutputPort } from '../engine/ports.ts';
import { deadLetterKey, manyLettersKey } from './dead-letter-objects.ts';

/** What {@link s3DeadLetters} is made with. */
export interface S3DeadLettersOptions extends RetryPolicy, Reporting {
  readonly client: S3Client;
  /** Physical name. */
  readonly bucket: string;
}

const OBJECTS_AT_ONCE = 8;
/** Of JSON before it is compressed: few objects, each of which fits into memory several times. */
const MAX_OBJECT_BYTES: number = 4 * 1024 * 1024;
/** More than a batch has while it is retried. */
const MAX_REMEMBERED = 100_000;

/**
 * Keeps dead letters in a bucket. Many letters of one call are one object, so that thousands fit into an invocation. What was
 * kept is remembered and not kept again: a batch that comes again with more letters writes only the rest.
 */
export const s3DeadLetters = (options: S3DeadLettersOptions): OutputPort['deadLetter'] => {
  const { client, bucket, report } = options;
  const target = `bucket '${bucket}'`;
  const kept = new Set<string>();

  /** Why letters could not be kept; undefined if they are. */
  const keep = async (letters: Letters): Promise<{ readonly cause: unknown } | undefined> => {
    const object = { Bucket: bucket, ...(await objectOf(letters)) };
    const result = await retrying(options, async (signal) => {
      await client.send(new PutObjectCommand(object), { abortSignal: signal });
      return { kind: 'done', value: undefined };
    });
    if (result.kind === 'gave-up') return { cause: result.cause };
    for (const letter of letters) kept.add(deliveryId(letter));
    return undefined;
  };

  return async (letters) => {
    const ids = letters.map(deliveryId);
    const left = new Map(letters.map((letter, index) => [ids[index] ?? '', letter]));
    for (const id of ids) if (kept.has(id)) left.delete(id);
    const failures = await orRefused(target, inParallel(OBJECTS_AT_ONCE, objectsOf([...left.values()]), keep));
    const failure = failures.find((one) => one !== undefined);
    if (failure !== undefined) report?.(new SinkError(target, 'given-up', failure.cause));
    const answers = ids.map((id) => kept.has(id));
    for (const first of kept) {
      if (kept.size <= MAX_REMEMBERED) break;
      kept.delete(first);
    }
    return answers;
  };
};

type Letters = readonly [DeadLetter, ...DeadLetter[]];

/** Which letter it is, and in which record it came: a letter that was redriven and fails once more must be kept again. */
const deliveryId = (letter: DeadLetter): string =>
  hash('sha256', `${deadLetterId(letter)} ${letter.sequenceNumber}`, 'base64');

/** Cuts letters into those of one object: of one processor, and no more than fit. */
const objectsOf = (letters: readonly DeadLetter[]): readonly Letters[] =>
  [...Map.groupBy(letters, ({ processor }) => processor).values()].flatMap((some) => {
    const objects: [DeadLetter, ...DeadLetter[]][] = [];
    let bytes = Infinity;
    for (const letter of some) {
      // All that is long in a letter is ASCII or nearly so.
      const size = letter.payload.length + letter.error.length + (letter.stack?.length ?? 0) + LETTER_BYTES;
      const last = objects.at(-1);
      if (last === undefined || bytes + size > MAX_OBJECT_BYTES) {
        objects.push([letter]);
        bytes = size;
      } else {
        last.push(letter);
        bytes += size;
      }
    }
    return objects;
  });

/** About what names, lane and position take. */
const LETTER_BYTES = 500;

const compressed = promisify(gzip);

const objectOf = async (letters: Letters): Promise<Omit<PutObjectCommandInput, 'Bucket'>> => {
  const [first, second] = letters;
  if (second === undefined) {
    return { Key: deadLetterKey(first), Body: JSON.stringify(first), ContentType: 'application/json' };
  }
  const lines = letters.map((letter) => `${JSON.stringify(letter)}\n`).join('');
  return { Key: manyLettersKey(letters), Body: await compressed(lines), ContentType: 'application/gzip' };
};
