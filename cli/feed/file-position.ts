import type { DamagedFile, InputTotals } from '../report/books-report.ts';

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
