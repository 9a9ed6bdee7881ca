import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { deadLetterId, isDeadLetter, type DeadLetter } from '../engine/dead-letter.ts';

/*
 * How dead letters are stored in a bucket. A letter that is alone in its batch is an object of JSON, named by its identity.
 * Many letters of a batch are one object: JSON lines, compressed with gzip, named by the identities of all of them.
 */

/** What the keys of all dead letters begin with that processors have kept; what mappings keep is elsewhere. */
export const DEAD_LETTERS_PREFIX = 'letters/';

/** What the keys of one processor's dead letters begin with. */
export const deadLetterPrefix = (processor: string): string =>
  `${DEAD_LETTERS_PREFIX}${processor.replaceAll('/', '~')}/`;

/** What the keys of objects with several letters of one processor begin with. No letter's own key begins so. */
export const manyLettersPrefix = (processor: string): string => `${deadLetterPrefix(processor)}many-`;

/** Whether the object under a key may hold several letters. */
export const holdsManyLetters = (key: string): boolean => key.endsWith('.jsonl.gz');

/** Key of the object of a single dead letter: the same for every delivery of the record. */
export const deadLetterKey = (letter: DeadLetter): string =>
  `${deadLetterPrefix(letter.processor)}${hashOf([letter])}.json`;

/** Key of the object of several dead letters of one processor: the same for the same letters in any order. */
export const manyLettersKey = (letters: readonly [DeadLetter, ...DeadLetter[]]): string =>
  `${manyLettersPrefix(letters[0].processor)}${hashOf(letters)}.jsonl.gz`;

const HASH_DIGITS = 40;

const hashOf = (letters: readonly DeadLetter[]): string => {
  const hash = createHash('sha256');
  for (const id of letters.map(deadLetterId).sort()) hash.update(letters.length > 1 ? `${id}\n` : id);
  return hash.digest('hex').slice(0, HASH_DIGITS);
};

/** What an object of dead letters holds. */
export interface LettersOfObject {
  readonly letters: readonly DeadLetter[];
  /** Lines that are no dead letter; above 0, another program has written the object. */
  readonly foreignLines: number;
}

/** The letters in an object, a single one or many, compressed or not. Never throws. */
export const lettersIn = (body: Uint8Array): LettersOfObject => {
  const letters: DeadLetter[] = [];
  let foreignLines = 0;
  for (const line of textIn(body).split('\n')) {
    if (line.trim() === '') continue;
    const value = jsonIn(line);
    if (isDeadLetter(value)) letters.push(value);
    else foreignLines += 1;
  }
  return { letters, foreignLines };
};

const textIn = (body: Uint8Array): string => {
  const isCompressed = body[0] === 0x1f && body[1] === 0x8b;
  try {
    return Buffer.from(isCompressed ? gunzipSync(body) : body).toString('utf8');
  } catch {
    return 'damaged';
  }
};

const jsonIn = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};
