import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

// A failed comparison prints both sides.
const MAX_SHOWN_BYTES = 200;

/** Every file below a folder, hidden ones too, with its text or, where that is long, with size and hash. */
export const contentOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .sort()
      .map((path) => [path, shown(readFileSync(join(folder, path)))]),
  );

const shown = (bytes: Buffer): string =>
  bytes.length <= MAX_SHOWN_BYTES
    ? bytes.toString('latin1')
    : `${String(bytes.length)} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;
