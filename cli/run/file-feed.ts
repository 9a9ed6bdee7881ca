import type { LineFormat } from '../../functions/weather/formats/line-format.ts';
import { type InputItem, readLines } from '../input/read-lines.ts';
import type { DamagedFile, InputTotals } from './books-report.ts';
import type { Chunk } from './source.ts';

/** A file that was looked at. */
export interface FeedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly content: 'text' | 'binary';
}

/** Reason of a file that is no text at all; its lines are taken all the same, and are invalid. */
export const BINARY = 'binary data';

export interface FileFeedOptions {
  readonly files: readonly FeedFile[];
  readonly format: LineFormat;
  /** Most records of a chunk. */
  readonly chunkRecords: number;
  readonly from: FilePosition;
}

/**
 * Reads files one after the other as chunks of raw records. `done` counts bytes on disk.
 *
 * Chunks end at every `chunkRecords` records of a file and at its end, so they are the same wherever reading goes on. A file
 * that was begun is read from its start, because a format may turn lines round, and what was taken of it is left out.
 */
export const fileFeed = async function* (options: FileFeedOptions): AsyncGenerator<Chunk<FilePosition>> {
  const { files, format, chunkRecords, from } = options;
  let position = from;
  let bytesBefore = 0;
  for (const [index, file] of files.entries()) {
    const { path, sizeBytes } = file;
    if (index >= from.file) {
      const reader = format.open();
      let toSkip = position.taken;
      let waiting: string[] = [];
      for await (const item of readLines(path)) {
        const records = item.kind === 'lines' ? reader.read(item.lines) : reader.end();
        for (const record of toSkip === 0 ? records : records.slice(toSkip)) waiting.push(record);
        toSkip -= Math.min(toSkip, records.length);
        const done = bytesBefore + (item.kind === 'lines' ? item.positionBytes : sizeBytes);
        let at = 0;
        for (; waiting.length - at >= chunkRecords; at += chunkRecords) {
          position = behind(position, chunkRecords, done);
          yield { records: waiting.slice(at, at + chunkRecords), position, done };
        }
        waiting = waiting.slice(at);
        if (item.kind === 'lines') continue;
        position = behindFile(behind(position, waiting.length, done), file, item);
        yield { records: waiting, position, done };
      }
    }
    bytesBefore += sizeBytes;
  }
};

const behind = (position: FilePosition, records: number, doneBytes: number): FilePosition => ({
  ...position,
  doneBytes,
  taken: position.taken + records,
  records: position.records + records,
});

const behindFile = (
  { file, doneBytes, lines, records, damaged }: FilePosition,
  { path, content }: FeedFile,
  end: Exclude<InputItem, { kind: 'lines' }>,
): FilePosition => ({
  file: file + 1,
  taken: 0,
  doneBytes,
  lines: lines + (end.kind === 'end' ? end.lineCount : end.atLine - 1),
  records,
  damaged: [
    ...damaged,
    ...(content === 'binary' ? [{ file: path, atLine: 1, reason: BINARY }] : []),
    ...(end.kind === 'damaged' ? [{ file: path, atLine: end.atLine, reason: end.reason }] : []),
  ],
});

/** Where reading a list of files goes on. */
export interface FilePosition extends InputTotals {
  /** Index of the file. */
  readonly file: number;
  /** Records of that file that are taken; its lines are not in `lines` yet. */
  readonly taken: number;
  /** Bytes on disk that were read up to here, for a progress bar. */
  readonly doneBytes: number;
  readonly damaged: readonly DamagedFile[];
}

/** Before the first line. */
export const FIRST_POSITION: FilePosition = { file: 0, taken: 0, doneBytes: 0, lines: 0, records: 0, damaged: [] };

/** Tells a position that was noted from anything else. */
export const isFilePosition = (note: unknown): note is FilePosition =>
  typeof note === 'object' && note !== null && 'file' in note && 'taken' in note && 'doneBytes' in note;
