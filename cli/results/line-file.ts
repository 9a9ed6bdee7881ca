import { closeSync, openSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

const PIECE_CHARS = 1_048_576;

/**
 * Writes a text file with one item a line; an item may itself be several lines. Returns how many items there were.
 *
 * Holds about a megabyte at a time and lets signals through in between. Throws the system's error, also for a full disk.
 */
export const writeLines = async (path: string, items: Iterable<string> | AsyncIterable<string>): Promise<number> => {
  const file = openSync(path, 'w');
  try {
    let count = 0;
    let piece: string[] = [];
    let pieceChars = 0;
    for await (const item of items) {
      count += 1;
      piece.push(item, '\n');
      pieceChars += item.length + 1;
      if (pieceChars < PIECE_CHARS) continue;
      writeAll(file, piece.join(''));
      piece = [];
      pieceChars = 0;
      await setImmediate();
    }
    writeAll(file, piece.join(''));
    return count;
  } finally {
    closeSync(file);
  }
};

/** One call may write less than it was given. */
const writeAll = (file: number, text: string): void => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
};
