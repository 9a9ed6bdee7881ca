import { isUtf8 } from 'node:buffer';
import { grouped } from '../../text/numbers.ts';
import { toPlainText } from '../../text/plain-text.ts';
import {} from '../../report/terminal.ts';
import { print, say } from '../../report/terminal.ts';
import { textTable } from '../../report/terminal.ts';
import type { PipelineChoice } from '../deployment.ts';
import type { KeptLetter } from './letter-store.ts';
import { chosenProcessors, openLetters, stateOf } from './open-letters.ts';
import { planRedrive } from './redrive-plan.ts';

export interface ListOptions extends PipelineChoice {
  readonly processor: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

const MAX_ERROR_CHARS = 60;

/** Lists dead letters, the newest first. Returns the exit code. */
export const listLetters = async ({ processor, limit, json, ...choice }: ListOptions): Promise<number> => {
  const { topology, store } = await openLetters(choice);
  const { letters, more } = await store.list(chosenProcessors(topology, processor), limit);
  if (json) {
    print(
      letters.map(({ id, keptMs, letter }) => `${JSON.stringify({ id, kept: timeOf(keptMs), ...letter })}\n`).join(''),
    );
    return 0;
  }
  if (letters.length === 0) {
    print('No dead letters.\n');
    return 0;
  }
  const rows = letters.map(({ id, keptMs, letter }) => [
    id,
    timeOf(keptMs),
    letter.processor,
    toPlainText(letter.partitionKey),
    letter.reason,
    short(letter.error),
  ]);
  const lines = textTable([['id', 'kept', 'processor', 'partition key', 'reason', 'error'], ...rows], '  ', 'left');
  print(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
  if (more) say(`more than ${grouped(limit)} exist; --limit shows more of them`);
  return 0;
};

/** Shows all of one letter, and what redriving it would come to. Returns the exit code. */
export const showLetter = async (id: string, choice: PipelineChoice): Promise<number> => {
  const opened = await openLetters(choice);
  const kept = await opened.store.find(opened.topology.processors, id);
  const isBegun = await opened.store.wasBegun(kept);
  const plan = await planRedrive(opened.topology, stateOf(opened), kept.letter, kept.id, isBegun);
  print(
    `${JSON.stringify(
      shownLetter(
        kept,
        plan.map(({ partitionKey, verdict }) => ({ partitionKey, ...verdict })),
      ),
      undefined,
      2,
    )}\n`,
  );
  return 0;
};

const shownLetter = ({ id, keptMs, key, letter }: KeptLetter, redrive: readonly object[]): object => {
  const payload = Buffer.from(letter.payload, 'base64');
  return {
    id,
    kept: timeOf(keptMs),
    key,
    ...letter,
    ...(isUtf8(payload) && { payloadText: payload.toString('utf8') }),
    redrive,
  };
};

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** An error may hold anything that a record held. */
const short = (error: string): string => {
  const line = toPlainText(error).trim();
  return line.length <= MAX_ERROR_CHARS ? line : `${line.slice(0, MAX_ERROR_CHARS - 3)}...`;
};
