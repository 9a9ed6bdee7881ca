import { closeSync, openSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

const PIECE_BYTES = 1_048_576;
const NEW_LINE = Buffer.from('\n');

/** Text, or UTF-8 bytes. */
type Item = string | Uint8Array;

/**
 * Writes a text file with one item a line; an item may itself be several lines. Returns how many items there were.
 *
 * Holds about a megabyte at a time and lets signals through in between. Throws the system's error, also for a full disk.
 */
export const writeLines = async (path: string, items: Iterable<Item> | AsyncIterable<Item>): Promise<number> => {
  const file = openSync(path, 'w');
  try {
    let count = 0;
    let piece: Uint8Array[] = [];
    let pieceBytes = 0;
    for await (const item of items) {
      count += 1;
      const bytes = typeof item === 'string' ? Buffer.from(item) : item;
      piece.push(bytes, NEW_LINE);
      pieceBytes += bytes.length + 1;
      if (pieceBytes < PIECE_BYTES) continue;
      writeAll(file, Buffer.concat(piece));
      piece = [];
      pieceBytes = 0;
      await setImmediate();
    }
    writeAll(file, Buffer.concat(piece));
    return count;
  } finally {
    closeSync(file);
  }
};

/** One call may write less than it was given. */
const writeAll = (file: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
};
