import { basename, resolve } from 'node:path';
import { digestOfEnds } from './checksum.ts';
import { fileFeed, FIRST_POSITION, isFilePosition, type FeedFile, type FilePosition } from './file-feed.ts';
import { type InputFormat, lookAt, plainLines, SAMPLE_LINES } from './input-format.ts';
import { expandInputs } from './input-paths.ts';
import { isPipe, openInput } from './open-input.ts';
import { type InputItem, readLines, readPipe } from './read-lines.ts';
import type { Source } from './source.ts';

/** What a run reads. */
export interface FileSourceOptions {
  /** Files, folders, patterns, pipes, and `-` for standard input; read in this order. */
  readonly inputs: readonly string[];
  readonly formats: readonly InputFormat[];
  /** The format of all inputs. @default - the first lines decide */
  readonly format?: InputFormat;
}

/** Records from files; `done` counts bytes on disk. */
export interface FileSource extends Source {
  readonly format: InputFormat;
  readonly files: readonly FeedFile[];
}

const MAX_TITLE_FILES = 5;

/** Opens and looks at every input that is named. Rejects with a `UserError` for the first unusable one, before anything is written. */
export const fileSource = async (options: FileSourceOptions): Promise<FileSource> => {
  const { files, format, identities } = await inputsOf(options);
  const positionOf = (note: unknown): FilePosition => (isFilePosition(note) ? note : FIRST_POSITION);
  const hasPipe = files.some(({ pipe }) => pipe !== undefined);
  const names = files.slice(0, MAX_TITLE_FILES).map(({ path }) => basename(path));
  return {
    files,
    format,
    title: `${names.join(', ')}${files.length > names.length ? ` and ${String(files.length - names.length)} more` : ''}`,
    fingerprint: { '--input': identities.join(', '), '--format': format.name },
    total: hasPipe ? undefined : files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    canResume: !hasPipe,
    open: (note, { chunkRecords, remedy }) => fileFeed({ files, format, chunkRecords, from: positionOf(note), remedy }),
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

interface Inputs {
  readonly files: readonly FeedFile[];
  readonly format: InputFormat;
  /** What tells the inputs of two runs apart. */
  readonly identities: readonly string[];
}

const inputsOf = async ({ inputs, formats, format: named }: FileSourceOptions): Promise<Inputs> => {
  const files: FeedFile[] = [];
  const identities: string[] = [];
  let format = named;
  const contentOf = (path: string, sample: readonly string[]): FeedFile['content'] => {
    const look = lookAt(path, sample, formats, format);
    if (look.kind === 'text') format ??= look.format;
    return look.kind;
  };
  for (const path of expandInputs(inputs)) {
    if (await isPipe(path)) {
      const { first, all } = await withFirst(readPipe(path));
      files.push({ path, sizeBytes: 0, content: contentOf(path, sampleOf(first)), pipe: all });
      identities.push(path);
      continue;
    }
    const { sizeBytes, sample } = await lookInto(path);
    files.push({ path, sizeBytes, content: contentOf(path, sample) });
    identities.push(`${resolve(path)} (${String(sizeBytes)} bytes, content ${await digestOfEnds(path, sizeBytes)})`);
  }
  return { files, format: format ?? formats[0] ?? plainLines, identities };
};

const lookInto = async (path: string): Promise<{ readonly sizeBytes: number; readonly sample: readonly string[] }> => {
  await using input = await openInput(path);
  for await (const item of readLines(path)) return { sizeBytes: input.sizeBytes, sample: sampleOf(item) };
  return { sizeBytes: input.sizeBytes, sample: [] };
};

const sampleOf = (item: InputItem | undefined): readonly string[] =>
  item?.kind === 'lines' ? item.lines.slice(0, SAMPLE_LINES) : [];

/** The first item, and all of them, the first one included. */
const withFirst = async (
  items: AsyncGenerator<InputItem, void, undefined>,
): Promise<{ readonly first: InputItem | undefined; readonly all: AsyncIterable<InputItem> }> => {
  const next = await items.next();
  const first = next.done === true ? undefined : next.value;
  const all = async function* (): AsyncGenerator<InputItem> {
    if (first !== undefined) yield first;
    yield* items;
  };
  return { first, all: all() };
};
