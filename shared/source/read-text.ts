import { plainBytes } from './file-bytes.ts';
import { gunzipBytes, GZIP_PIECE_BYTES } from './gunzip-bytes.ts';
import { openInput } from './open-input.ts';
import { InputError, inputErrorOf } from './user-error.ts';

const PIECE_BYTES = 131_072;
const MAX_TEXT_BYTES = 268_435_456;

/**
 * Reads a whole file that has to fit into memory, such as a station list or the rules; plain or gzip, without a byte order mark.
 *
 * Rejects with an {@link InputError} where it cannot be opened, is damaged (half a list is no list) or has more than 256 MiB of text.
 */
export const readText = async (path: string): Promise<string> => {
  await using input = await openInput(path);
  const pieces: Buffer[] = [];
  let textBytes = 0;
  const { handle, compression, sizeBytes } = input;
  const items =
    compression === 'gzip'
      ? gunzipBytes(plainBytes(handle, { pieceBytes: GZIP_PIECE_BYTES, sizeBytes }))
      : plainBytes(handle, { pieceBytes: PIECE_BYTES, sizeBytes });
  try {
    for await (const item of items) {
      if (item.kind === 'damaged')
        throw new InputError(path, `the gzip data is damaged (${item.reason})`, 'get the file again');
      textBytes += item.bytes.length;
      if (textBytes > MAX_TEXT_BYTES)
        throw new InputError(path, 'it holds more than 256 MiB of text', 'check that it is the right file');
      pieces.push(Buffer.from(item.bytes));
    }
  } catch (error) {
    throw error instanceof InputError ? error : inputErrorOf(path, error);
  }
  return Buffer.concat(pieces, textBytes)
    .toString('utf8')
    .replace(/^\ufeff/, '');
};
