import { globSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { STANDARD_INPUT } from './open-input.ts';
import { InputError } from './user-error.ts';

const PATTERN = /[*?[{]/u;

/**
 * The files that are meant: a file, a pipe and `-` are themselves, a folder is all files below it without hidden ones, and a pattern
 * such as `logs/*.gz` is what it matches; both in the order of their paths. Throws an {@link InputError} where one means no file.
 */
export const expandInputs = (given: readonly string[]): readonly string[] => given.flatMap(filesAt);

const filesAt = (path: string): readonly string[] => {
  if (path === STANDARD_INPUT) return [path];
  // A name that holds a NUL is no name; opening it says so.
  const stats = path.includes('\0') ? undefined : statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true)
    return filled(path, filesBelow(path), 'it is a folder without files', 'name another');
  // A file may be called like a pattern.
  if (stats !== undefined || !PATTERN.test(path)) return [path];
  const matched = globSync(path)
    .filter((one) => statSync(one, { throwIfNoEntry: false })?.isDirectory() === false)
    .sort();
  return filled(path, matched, 'no file matches it', 'check the pattern');
};

const filled = (path: string, files: readonly string[], problem: string, remedy: string): readonly string[] => {
  if (files.length === 0) throw new InputError(path, problem, remedy);
  return files;
};

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
