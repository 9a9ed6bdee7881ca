import { globSync } from 'node:fs';
import { resolve } from 'node:path';

/** The entry files of all functions, from the project's root, in order. */
export const handlerFiles = (): readonly string[] =>
  globSync('functions/*/handlers/*.ts', { cwd: resolve(import.meta.dirname, '..') })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
