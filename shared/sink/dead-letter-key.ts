import { createHash } from 'node:crypto';
import { deadLetterId, type DeadLetter } from '../engine/dead-letter.ts';

/** What the keys of all dead letters begin with that processors have kept; what mappings keep is elsewhere. */
export const DEAD_LETTERS_PREFIX = 'letters/';

/** What the keys of one processor's dead letters begin with. */
export const deadLetterPrefix = (processor: string): string =>
  `${DEAD_LETTERS_PREFIX}${processor.replaceAll('/', '~')}/`;

/** Key of a dead letter's object: the same for every delivery of the record. */
export const deadLetterKey = (letter: DeadLetter): string => {
  const hash = createHash('sha256').update(deadLetterId(letter)).digest('hex');
  return `${deadLetterPrefix(letter.processor)}${hash.slice(0, 40)}.json`;
};
