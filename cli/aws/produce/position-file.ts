import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../../errors/command-error.ts';
import { lockFolder } from '../../run/folder-lock.ts';

/** How far a producer has come. */
export interface ProducerPosition {
  /** The producer's own id: 22 characters. */
  readonly run: string;
  /** All before it is written; absent before the first record. */
  readonly position?: unknown;
  /**
   * What was being written: this many records after the position, not before this time by the clock of the service. Absent
   * where nothing was.
   */
  readonly inDoubt?: { readonly records: number; readonly fromMs: number };
  readonly finished: boolean;
}

const FILE = 'position.json';

/** Where a producer notes how far it has come; each note is on disk before the call returns. */
export interface PositionFile extends Disposable {
  readonly path: string;
  read(): ProducerPosition | undefined;
  write(position: ProducerPosition): void;
  clear(): void;
}

/**
 * Opens the position file of a folder, made if missing, and locks it against other producers until it is disposed of.
 * `about` is written beside the position, for people.
 */
export const openPositionFile = (folder: string, about: Readonly<Record<string, string>>): PositionFile => {
  const lock = lockFolder(folder);
  const path = join(folder, FILE);
  const hidden = join(folder, `.${FILE}`);
  return {
    path,
    read: () => (existsSync(path) ? parsed(path, readFileSync(path, 'utf8')) : undefined),
    write: (position) => {
      const file = openSync(hidden, 'w');
      try {
        writeSync(file, `${JSON.stringify({ ...position, of: about }, undefined, 2)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(hidden, path);
    },
    clear: () => {
      rmSync(path, { force: true });
    },
    [Symbol.dispose]: () => {
      lock[Symbol.dispose]();
    },
  };
};

const parsed = (path: string, text: string): ProducerPosition => {
  try {
    const value: unknown = JSON.parse(text);
    if (isProducerPosition(value)) return value;
  } catch {
    // Reported below, like any other text that is no position.
  }
  throw new CommandError(
    `${JSON.stringify(path)} holds no position of a producer; find out what has overwritten it, or begin anew with --fresh`,
  );
};

const isProducerPosition = (value: unknown): value is ProducerPosition =>
  typeof value === 'object' && value !== null && 'run' in value && typeof value.run === 'string' && 'finished' in value;
