import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { plainBytes } from './file-bytes.ts';
import { inputErrorOf } from './user-error.ts';

const END_BYTES = 65_536;
const DIGITS = 16;
const PIECE_BYTES = 1_048_576;

/** A hash of the first and the last 64 KiB of a file: distinguishes files before any of them is processed. */
export const digestOfEnds = async (path: string, sizeBytes: number): Promise<string> => {
  await using file = await open(path);
  const hash = createHash('sha256');
  for (const position of new Set([0, Math.max(0, sizeBytes - END_BYTES)])) {
    const piece = Buffer.allocUnsafe(Math.min(END_BYTES, sizeBytes));
    const { bytesRead } = await file.read({ buffer: piece, position });
    hash.update(piece.subarray(0, bytesRead));
  }
  return hash.digest('hex').slice(0, DIGITS);
};

/**
 * A checksum of bytes that come in pieces: the same for the same bytes, however they are cut. It finds edits, not forgeries, and costs
 * next to nothing beside reading the bytes.
 *
 * @param before Checksum of the bytes before these; 0 at the start.
 */
export const checksum = (bytes: Uint8Array, before: number): number => crc32(bytes, before);

/** The {@link checksum} of the first `bytes` of a file, after the bytes that `before` covers. Throws an `InputError` where it cannot be read. */
export const checksumOfFile = async (path: string, bytes: number, before: number): Promise<number> => {
  try {
    await using file = await open(path);
    let sum = before;
    let left = bytes;
    for await (const piece of plainBytes(file, { pieceBytes: PIECE_BYTES, sizeBytes: bytes })) {
      sum = checksum(piece.bytes.subarray(0, left), sum);
      left -= Math.min(left, piece.bytes.length);
      if (left === 0) break;
    }
    return sum;
  } catch (cause) {
    throw inputErrorOf(path, cause);
  }
};
