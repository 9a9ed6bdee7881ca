import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Returns the topmost one that was made; undefined where the folder was there.
 *
 * Not `mkdir` with `recursive`: below `/proc` that one tries until the memory is full. Throws the system's error.
 */
export const makeFolder = (path: string): string | undefined => {
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const { code } = factsOf(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return undefined;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    const firstMade = makeFolder(parent);
    // The folder above was there all along, so to try again would be no use.
    if (firstMade === undefined) throw error;
    mkdirSync(path);
    return firstMade;
  }
};

const factsOf = (error: unknown): { readonly code?: unknown } =>
  typeof error === 'object' && error !== null ? error : {};
