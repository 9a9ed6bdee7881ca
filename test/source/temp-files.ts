import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** A folder of its own for the tests of one file, gone when they are done. */
export interface TempFiles {
  readonly folder: string;
  /** Writes a file and gives its path; without a name each call has a new one. */
  write(content: string | Uint8Array, name?: string): string;
}

export const tempFiles = (): TempFiles => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-input-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let written = 0;
  return {
    folder,
    write: (content, name = `file-${(written += 1)}`) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
};
