import { type FileBytes, pipeBytes, plainBytes, type PlainBytes } from './file-bytes.ts';
import { gunzipBytes, GZIP_PIECE_BYTES } from './gunzip-bytes.ts';
import { lineSplitter } from './line-splitter.ts';
import { openInput, openPipe } from './open-input.ts';
import { inputErrorOf } from './user-error.ts';

/** What reading a file gives: lines, and at last one item that says how it ended. */
export type InputItem =
  /** The next lines, at least one; `positionBytes` is how far the file on disk was read, for a progress bar. */
  | { readonly kind: 'lines'; readonly lines: readonly string[]; readonly positionBytes: number }
  /** The whole file was read; `lineCount` includes the skipped lines. */
  | { readonly kind: 'end'; readonly lineCount: number }
  /** The lines before `atLine` (counted from 1) were given; from there the file cannot be read. */
  | { readonly kind: 'damaged'; readonly atLine: number; readonly reason: string };

export interface ReadLinesOptions {
  /**
   * How many lines at the start of the file to leave out, to go on where an earlier run stopped.
   *
   * @default 0
   */
  readonly skipLines?: number;
  /**
   * Called with the bytes on disk as they are read, each of them once and in order; after a `damaged` item with the rest of the file too.
   *
   * @default - not called
   */
  readonly onRead?: (bytes: Buffer) => void;
}

const PIECE_BYTES = 131_072;

/**
 * Reads a text file, plain or gzip, as batches of a few thousand lines; see {@link lineSplitter} for what a line is.
 *
 * A gzip file that is truncated or corrupt gives every whole line before the damage and then a `damaged` item. The part of a line
 * right before the damage is not given, because a cut number is a wrong number. Which lines a file gives never depends on how often it
 * is read. Throws an `InputError` where the file cannot be opened or the disk fails.
 */
export const readLines = async function* (
  path: string,
  { skipLines = 0, onRead }: ReadLinesOptions = {},
): AsyncGenerator<InputItem, void, undefined> {
  await using input = await openInput(path);
  const { handle, compression, sizeBytes } = input;
  let fromDisk = 0;
  const count = (bytes: Buffer): void => {
    fromDisk += bytes.length;
    onRead?.(bytes);
  };
  const plain = (from: number, pieceBytes = PIECE_BYTES): AsyncGenerator<PlainBytes> =>
    plainBytes(handle, { pieceBytes, sizeBytes, from, onRead: count });
  const again = (): AsyncGenerator<PlainBytes> => plainBytes(handle, { pieceBytes: GZIP_PIECE_BYTES, sizeBytes });
  const items = compression === 'gzip' ? gunzipBytes(plain(0, GZIP_PIECE_BYTES), again) : plain(0);
  for await (const item of linesIn(withInputErrors(path, items), skipLines)) {
    // The rest is read for `onRead` alone.
    if (item.kind === 'damaged' && onRead !== undefined) await drained(withInputErrors(path, plain(fromDisk)));
    yield item;
  }
};

/**
 * Reads a pipe, or standard input as `-`, plain or gzip, as {@link readLines} reads a file; it can be read once only. Of gzip data that
 * is damaged, the text of the 16 KB right before the damage is not given.
 */
export const readPipe = async function* (path: string): AsyncGenerator<InputItem, void, undefined> {
  const { bytes, compression } = await openPipe(path);
  const items = compression === 'gzip' ? gunzipBytes(pipeBytes(bytes, GZIP_PIECE_BYTES)) : pipeBytes(bytes, 0);
  yield* linesIn(withInputErrors(path, items), 0);
};

const linesIn = async function* (
  items: AsyncIterable<FileBytes>,
  skipLines: number,
): AsyncGenerator<InputItem, void, undefined> {
  const splitter = lineSplitter(skipLines);
  let readBytes = 0;
  for await (const item of items) {
    if (item.kind === 'damaged') {
      yield { kind: 'damaged', atLine: splitter.lineCount + 1, reason: item.reason };
      return;
    }
    readBytes = item.positionBytes;
    const lines = splitter.split(item.bytes);
    if (lines.length > 0) yield { kind: 'lines', lines, positionBytes: readBytes };
  }
  const lastLine = splitter.end();
  if (lastLine.length > 0) yield { kind: 'lines', lines: lastLine, positionBytes: readBytes };
  yield { kind: 'end', lineCount: splitter.lineCount };
};

const withInputErrors = async function* (path: string, items: AsyncIterable<FileBytes>): AsyncGenerator<FileBytes> {
  try {
    yield* items;
  } catch (cause) {
    throw inputErrorOf(path, cause);
  }
};

const drained = async (items: AsyncGenerator): Promise<void> => {
  while ((await items.next()).done !== true);
};
