import { mkdirSync, writeFileSync, closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { LocalRuntime } from '../../shared/runtime/local/local-runtime.ts';
import type { StreamExport } from '../../shared/runtime/local/stream-export.ts';
import type { StateStore } from '../../shared/state/state-store.ts';
import { withOutputErrors } from '../errors/output-error.ts';
import type { BooksReport } from './books-report.ts';
import { writeMail } from './mail-file.ts';
import { BOOKS_FILE, INPUT_FILE, type ResultFolder } from './result-folder.ts';

/** A finished run. */
export interface FinishedRun {
  readonly runtime: LocalRuntime;
  readonly exported: StreamExport;
  readonly books: BooksReport;
}

/**
 * Writes what a finished run has made, and publishes it when all of it is written: streams, tables, outbox, dead letters, books.
 *
 * One input gives the same bytes in every run of it. Throws an `OutputError` where the folder cannot take it; what was there
 * before is then still there. When `isStopped` says so, it stops between two files and publishes nothing.
 */
export const writeResults = async (
  folder: ResultFolder,
  { runtime, exported, books }: FinishedRun,
  isStopped: () => boolean,
): Promise<void> =>
  withOutputErrors(folder.path, '--out', async () => {
    const results = folder.startResults();
    const streams = madeFolder(results, 'streams');
    const tables = madeFolder(results, 'tables');
    const outbox = madeFolder(results, 'outbox');
    for (const { name } of runtime.topology.streams) {
      if (isStopped()) return;
      await writeLines(join(streams, `${name}.jsonl`), exported.lines(name));
    }
    for (const { name } of runtime.topology.tables) {
      if (isStopped()) return;
      await writeLines(join(tables, `${name}.jsonl`), rowsOf(runtime.storage.state, name));
    }
    if (isStopped()) return;
    await writeMail(outbox, runtime.outputs.messages(0));
    await writeLines(join(results, 'dead-letters.jsonl'), runtime.outputs.deadLetters());
    writeFileSync(join(results, INPUT_FILE), jsonText(books.input));
    writeFileSync(join(results, BOOKS_FILE), jsonText(books.processors));
    if (!isStopped()) folder.publish();
  });

const jsonText = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const madeFolder = (results: string, name: string): string => {
  const path = join(results, name);
  mkdirSync(path);
  return path;
};

const rowsOf = async function* (state: StateStore, table: string): AsyncGenerator<string> {
  for await (const { key, state: row } of state.items(table)) if (row !== undefined) yield rowLine(key, row);
};

/** A row that is no object cannot say whose it is, so its key goes with it. */
const rowLine = (key: string, row: string): string =>
  row.startsWith('{') ? row : `{"key":${JSON.stringify(key)},"value":${row}}`;

const PIECE_BYTES = 1_048_576;
const NEW_LINE = Buffer.from('\n');

/** Text, or UTF-8 bytes. */
type Item = string | Uint8Array;

/**
 * Writes a text file with one item a line; an item may itself be several lines. Returns the number of items.
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
