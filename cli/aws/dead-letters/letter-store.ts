import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { DeadLetter } from '../../../shared/engine/dead-letter.ts';
import type { Processor } from '../../../shared/processor/processor.ts';
import { GIVEN_UP_PREFIX, givenUpLetters } from '../../../shared/runtime/given-up.ts';
import {
  DEAD_LETTERS_PREFIX,
  deadLetterKey,
  deadLetterPrefix,
  holdsManyLetters,
  lettersIn,
  manyLettersPrefix,
} from '../../../shared/sink/dead-letter-objects.ts';
import { CommandError } from '../../errors/command-error.ts';
import { called } from '../calls.ts';

/** A dead letter and where it is kept. */
export interface KeptLetter {
  /** Short, and stable for as long as the letter is kept. */
  readonly id: string;
  readonly letter: DeadLetter;
  readonly key: string;
  readonly keptMs: number;
}

/** Dead letters of a deployed topology: those that processors keep, and what their mappings gave up. */
export interface LetterStore {
  /** The newest ones; `more` says that others exist. */
  list(
    processors: readonly Processor[],
    limit: number,
  ): Promise<{ readonly letters: readonly KeptLetter[]; readonly more: boolean }>;
  /** The letter whose id is, or begins with, `id`. Throws a `CommandError` where none is, or more than one. */
  find(processors: readonly Processor[], id: string): Promise<KeptLetter>;
  /** How many objects hold letters of a processor; one may hold several. */
  count(processor: Processor): Promise<number>;
  /** Notes that records of a letter are about to be put again into a stream where a repeat would be a second record. */
  begin(kept: KeptLetter): Promise<void>;
  /** Whether {@link LetterStore.begin} was called for a letter that was not settled afterwards. */
  wasBegun(kept: KeptLetter): Promise<boolean>;
  /** Moves a letter of a processor to those that were redriven, with what is to be remembered about that. */
  settle(kept: KeptLetter, processor: Processor, note: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface LetterStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Id of a processor's event source mapping. */
  readonly mappingOf: (processor: string) => string;
}

const ID_CHARS = 12;
const REDRIVEN_PREFIX = 'redriven/';
const BEGUN_PREFIX = 'redriving/';

/** Opens the letters in a deployment's bucket. */
export const letterStore = ({ client, bucket, mappingOf }: LetterStoreOptions): LetterStore => {
  const found = (prefix: string): Promise<readonly Found[]> => listObjects(client, bucket, prefix);
  const bytes = (key: string): Promise<Uint8Array> =>
    called(`reading ${key} of ${bucket}`, async (abortSignal) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    });
  const text = async (key: string): Promise<string> => Buffer.from(await bytes(key)).toString('utf8');
  const givenUpPrefix = ({ id }: Processor): string => `${GIVEN_UP_PREFIX}${mappingOf(id)}/`;
  /** When letters were redriven, by the key of the note about it. */
  const redrivenMs = async (processor: Pick<Processor, 'id'>): Promise<ReadonlyMap<string, number>> =>
    new Map((await found(redrivenPrefix(processor))).map((one) => [one.key, one.keptMs]));
  /** The letters of an object that were not redriven since it was kept. */
  const ownLetters = async ({ key, keptMs }: Found): Promise<readonly KeptLetter[]> => {
    const { letters, foreignLines } = lettersIn(await bytes(key));
    const [first] = letters;
    if (first === undefined || foreignLines > 0) {
      throw new CommandError(`${key} of bucket ${bucket} is no dead letter; find out what wrote it, and remove it`);
    }
    const redriven = holdsManyLetters(key) ? await redrivenMs({ id: first.processor }) : new Map<string, number>();
    return letters
      .filter((letter) => (redriven.get(redrivenKey(letter)) ?? -Infinity) < keptMs)
      .map((letter) => ({ id: idOf(letter), letter, key, keptMs }));
  };
  const givenUp = async (processor: Processor, { key, keptMs }: Found): Promise<readonly KeptLetter[]> => {
    const settled = new Set((await found(redrivenPrefix(processor))).map((one) => one.key));
    return givenUpLetters(await text(key), processor)
      .filter((letter) => !settled.has(redrivenKey(letter)))
      .map((letter) => ({ id: idOf(letter), letter, key, keptMs }));
  };

  return {
    list: async (processors, limit) => {
      const own = (await Promise.all(processors.map(({ id }) => found(deadLetterPrefix(id))))).flat();
      const documents = await Promise.all(
        processors.map(async (processor) =>
          (await found(givenUpPrefix(processor))).map((one) => ({ ...one, processor })),
        ),
      );
      const all = [...own.map((one) => ({ ...one, processor: undefined })), ...documents.flat()];
      all.sort((one, other) => other.keptMs - one.keptMs || (one.key < other.key ? -1 : 1));
      const letters: KeptLetter[] = [];
      const ownIds = new Set<string>();
      for (const [index, { processor, ...one }] of all.entries()) {
        if (letters.length >= limit) return { letters: letters.slice(0, limit), more: index < all.length };
        if (processor !== undefined) {
          letters.push(...(await givenUp(processor, one)));
          continue;
        }
        // A letter may be in several objects: an attempt in another environment keeps it with others.
        for (const kept of await ownLetters(one)) {
          if (!ownIds.has(kept.id)) letters.push(kept);
          ownIds.add(kept.id);
        }
      }
      return { letters: letters.slice(0, limit), more: letters.length > limit };
    },
    find: async (processors, id) => {
      const own = (await Promise.all(processors.map((one) => found(`${deadLetterPrefix(one.id)}${id}`)))).flat();
      const matches = (await Promise.all(own.map(ownLetters))).flat();
      for (const processor of processors) {
        for (const object of await found(manyLettersPrefix(processor.id))) {
          const letters = await ownLetters(object);
          matches.push(...letters.filter(({ letter }) => hashOf(letter).startsWith(id) && !isIn(matches, letter)));
        }
        for (const document of await found(givenUpPrefix(processor))) {
          const letters = await givenUp(processor, document);
          matches.push(...letters.filter(({ letter }) => hashOf(letter).startsWith(id)));
        }
      }
      const [first, second] = matches;
      if (first === undefined) {
        throw new CommandError(`no dead letter '${id}'; millrace dead-letters list shows them all`);
      }
      if (second !== undefined) {
        const ids = matches.map(({ letter }) => hashOf(letter)).join(', ');
        throw new CommandError(
          `'${id}' is the beginning of ${String(matches.length)} dead letters; give more of one: ${ids}`,
        );
      }
      return first;
    },
    count: async (processor) =>
      (await found(deadLetterPrefix(processor.id))).length + (await found(givenUpPrefix(processor))).length,
    begin: async ({ letter, key }) => {
      const note = new PutObjectCommand({
        Bucket: bucket,
        Key: begunKey(letter),
        Body: JSON.stringify({ begun: new Date().toISOString(), letter: key }),
        ContentType: 'application/json',
      });
      await called(`noting in ${bucket} that ${key} is redriven`, (abortSignal) => client.send(note, { abortSignal }));
    },
    wasBegun: async ({ letter }) => (await found(begunKey(letter))).length > 0,
    settle: async ({ letter, key, keptMs }, processor, note) => {
      const doing = `moving ${key} of ${bucket} to ${REDRIVEN_PREFIX}`;
      const redriven = new PutObjectCommand({
        Bucket: bucket,
        Key: redrivenKey(letter),
        Body: JSON.stringify({ ...note, letter }),
        ContentType: 'application/json',
      });
      await called(doing, (abortSignal) => client.send(redriven, { abortSignal }));
      const begun = new DeleteObjectCommand({ Bucket: bucket, Key: begunKey(letter) });
      await called(doing, (abortSignal) => client.send(begun, { abortSignal }));
      // An object of many letters goes with the last of them.
      const isOwn = key.startsWith(DEAD_LETTERS_PREFIX);
      const left = !isOwn
        ? givenUp(processor, { key, keptMs })
        : holdsManyLetters(key)
          ? ownLetters({ key, keptMs })
          : [];
      if ((await left).length > 0) return;
      const removal = new DeleteObjectCommand({ Bucket: bucket, Key: key });
      await called(doing, (abortSignal) => client.send(removal, { abortSignal }));
    },
  };
};

interface Found {
  readonly key: string;
  readonly keptMs: number;
}

const listObjects = async (client: S3Client, bucket: string, prefix: string): Promise<readonly Found[]> => {
  const objects: Found[] = [];
  let token: string | undefined;
  do {
    const page = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    const { Contents = [], NextContinuationToken } = await called(`listing ${prefix} of ${bucket}`, (abortSignal) =>
      client.send(page, { abortSignal }),
    );
    for (const { Key, LastModified } of Contents) {
      if (Key !== undefined) objects.push({ key: Key, keptMs: LastModified?.getTime() ?? 0 });
    }
    token = NextContinuationToken;
  } while (token !== undefined);
  return objects;
};

const isIn = (kept: readonly KeptLetter[], letter: DeadLetter): boolean =>
  kept.some((one) => hashOf(one.letter) === hashOf(letter));

const hashOf = (letter: DeadLetter): string =>
  deadLetterKey(letter).slice(deadLetterPrefix(letter.processor).length, -'.json'.length);
const idOf = (letter: DeadLetter): string => hashOf(letter).slice(0, ID_CHARS);

const redrivenKey = (letter: DeadLetter): string =>
  `${REDRIVEN_PREFIX}${deadLetterKey(letter).slice(DEAD_LETTERS_PREFIX.length)}`;
const begunKey = (letter: DeadLetter): string =>
  `${BEGUN_PREFIX}${deadLetterKey(letter).slice(DEAD_LETTERS_PREFIX.length)}`;
const redrivenPrefix = ({ id }: Pick<Processor, 'id'>): string =>
  `${REDRIVEN_PREFIX}${deadLetterPrefix(id).slice(DEAD_LETTERS_PREFIX.length)}`;
