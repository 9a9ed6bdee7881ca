import { basename } from 'node:path';
import type { WeatherInput } from './weather-input.ts';
import { fileFeed, FIRST_POSITION, isFilePosition, type FilePosition } from '../run/file-feed.ts';
import type { Source } from '../run/source.ts';
import { weatherPipeline } from './weather-pipeline.ts';

export interface FileSourceOptions {
  readonly graceDays: number;
  /** Records of one cycle. */
  readonly chunkRecords: number;
  /** What to do about inputs that were changed between two runs, apart from putting them back. */
  readonly remedy: string;
}

/** Weather from files; `done` counts bytes on disk. */
export const fileSource = (input: WeatherInput, { graceDays, chunkRecords, remedy }: FileSourceOptions): Source => {
  const { files, format, lookups, fingerprint } = input;
  const positionOf = (note: unknown): FilePosition => (isFilePosition(note) ? note : FIRST_POSITION);
  return {
    pipeline: weatherPipeline({ ...lookups, graceDays }),
    title: files.map(({ path }) => basename(path)).join(', '),
    fingerprint: { ...fingerprint, '--grace-days': String(graceDays) },
    total: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    open: (note) => fileFeed({ files, format, chunkRecords, from: positionOf(note), remedy }),
    totals: (note) => {
      const { lines, records, damaged } = positionOf(note);
      return { lines, records, damaged };
    },
    doneAt: (note) => positionOf(note).doneBytes,
    placeOf: (note) => {
      const at = Math.min(positionOf(note).file + 1, files.length);
      return `file ${String(at)} of ${String(files.length)}`;
    },
  };
};
