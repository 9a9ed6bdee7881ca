import { checksum, checksumOfFile } from './checksum.ts';
import { type InputFormat, openReader } from './input-format.ts';
import { type InputItem, readLines } from './read-lines.ts';
import type { Chunk, DamagedInput, InputTotals } from './source.ts';
import { UserError } from './user-error.ts';

/** An input file that was checked. */
export interface FeedFile {
  readonly path: string;
  /** Of a pipe 0: only its end tells. */
  readonly sizeBytes: number;
  readonly content: 'text' | 'binary';
  /** The lines of a pipe, whose first ones have been looked at. @default - the file is read */
  readonly pipe?: AsyncIterable<InputItem>;
}

/** Reason of a file that is no text at all; its lines are taken all the same, and are invalid. */
export const BINARY = 'binary data';

/** Where reading a list of files goes on. */
export interface FilePosition extends InputTotals {
  /** Index of the file. */
  readonly file: number;
  /** Records of that file that are taken; its lines are not in `lines` yet. */
  readonly taken: number;
  /** Bytes on disk that were read up to here, for a progress bar. */
  readonly doneBytes: number;
  /** Bytes on disk of that file that are in `checksum`: all that was read of it. */
  readonly readBytes: number;
  /** Of all bytes that were read up to here, of all files: shows whether they are still what they were. */
  readonly checksum: number;
  readonly damaged: readonly DamagedInput[];
}

/** Before the first line. */
export const FIRST_POSITION: FilePosition = {
  file: 0,
  taken: 0,
  doneBytes: 0,
  readBytes: 0,
  checksum: 0,
  lines: 0,
  records: 0,
  damaged: [],
};

/** Whether a note is such a position. */
export const isFilePosition = (note: unknown): note is FilePosition =>
  typeof note === 'object' && note !== null && 'file' in note && 'taken' in note && 'checksum' in note;

export interface FileFeedOptions {
  readonly files: readonly FeedFile[];
  readonly format: InputFormat;
  /** Records of a chunk; the last one may have fewer. */
  readonly chunkRecords: number;
  readonly from: FilePosition;
  /** What to do about inputs that were changed, apart from putting them back. */
  readonly remedy: string;
}

/**
 * Reads files one after the other as chunks of raw records. `done` counts bytes on disk.
 *
 * Chunks are the same wherever reading goes on; one may hold the records of many files. A file that was begun is read from its
 * start, because a format may turn lines round, and what was taken of it is left out. Throws a {@link UserError}, before the first
 * chunk, where what was read before is no longer what it was.
 */
export const fileFeed = async function* (options: FileFeedOptions): AsyncGenerator<Chunk<FilePosition>> {
  const { files, format, chunkRecords, from } = options;
  let position: FilePosition = { ...from, checksum: await checksumAtFile(options) };
  let given = from;
  let waiting: string[] = [];
  let bytesBefore = sizeOf(files.slice(0, from.file));
  for (const file of files.slice(from.file)) {
    const { path, sizeBytes } = file;
    const reader = openReader(format);
    let toSkip = position.taken;
    let readBytes = 0;
    let sum = position.checksum;
    const onRead = (bytes: Buffer): void => {
      readBytes += bytes.length;
      sum = checksum(bytes, sum);
    };
    for await (const item of file.pipe ?? readLines(path, { onRead })) {
      const records = item.kind === 'lines' ? reader.read(item.lines) : reader.end();
      const fresh = toSkip === 0 ? records : records.slice(toSkip);
      toSkip -= Math.min(toSkip, records.length);
      for (const record of fresh) waiting.push(record);
      const doneBytes = bytesBefore + (item.kind === 'lines' ? item.positionBytes : sizeBytes);
      // What waits when a chunk is full is of this file: all before it fitted in.
      let taken = position.taken + fresh.length - waiting.length;
      let at = 0;
      for (; waiting.length - at >= chunkRecords; at += chunkRecords) {
        taken += chunkRecords;
        given = { ...position, doneBytes, readBytes, checksum: sum, taken, records: given.records + chunkRecords };
        yield { records: waiting.slice(at, at + chunkRecords), position: given, done: doneBytes };
      }
      if (at > 0) waiting = waiting.slice(at);
      position = { ...position, doneBytes, taken: position.taken + fresh.length };
      if (item.kind !== 'lines') position = afterFile({ ...position, checksum: sum }, file, item);
    }
    bytesBefore += sizeBytes;
  }
  if (waiting.length === 0 && given.file === position.file) return;
  position = { ...position, records: given.records + waiting.length };
  yield { records: waiting, position, done: bytesBefore };
};

/** The checksum up to the file of a position, which is read anew; makes sure that all that was read before is what it was. */
const checksumAtFile = async ({ files, from, remedy }: FileFeedOptions): Promise<number> => {
  let before = 0;
  if (from.file === 0 && from.readBytes === 0) return before;
  for (const { path, sizeBytes } of files.slice(0, from.file)) before = await checksumOfFile(path, sizeBytes, before);
  const file = files[from.file];
  const sum = file === undefined ? before : await checksumOfFile(file.path, from.readBytes, before);
  if (sum === from.checksum) return before;
  const [first] = files;
  const what =
    first !== undefined && (files.length === 1 || from.file === 0)
      ? `${JSON.stringify(first.path)} was`
      : `one of the first ${String(Math.min(from.file + 1, files.length))} inputs was`;
  throw new UserError(
    `${what} changed after it was read: its content up to record ${String(from.records)} is no longer what it was; put it back, or ${remedy}`,
  );
};

const afterFile = (
  position: FilePosition,
  { path, content }: FeedFile,
  end: Exclude<InputItem, { kind: 'lines' }>,
): FilePosition => ({
  ...position,
  file: position.file + 1,
  taken: 0,
  readBytes: 0,
  lines: position.lines + (end.kind === 'end' ? end.lineCount : end.atLine - 1),
  damaged: [
    ...position.damaged,
    ...(content === 'binary' ? [{ file: path, atLine: 1, reason: BINARY }] : []),
    ...(end.kind === 'damaged' ? [{ file: path, atLine: end.atLine, reason: end.reason }] : []),
  ],
});

const sizeOf = (files: readonly FeedFile[]): number => files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
