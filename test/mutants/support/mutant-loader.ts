import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mutated, type Mutation } from './mutations.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ROOT_URL = pathToFileURL(`${ROOT}/`).href;
const OWN_URL = pathToFileURL(`${join(ROOT, 'test/mutants')}/`).href;
const JEST_URL = pathToFileURL(join(import.meta.dirname, 'jest-globals.ts')).href;

let generation = 0;
let mutant: Mutation | undefined;

const isReloaded = (url: string): boolean =>
  url.startsWith(ROOT_URL) && !url.startsWith(OWN_URL) && !url.includes('/node_modules/');

/** From now on modules of the project are loaded anew, with this mutation in memory and nothing on the disk touched. */
export const loadWith = (next: Mutation | undefined): void => {
  generation += 1;
  mutant = next;
};

/** Imports a module of the project, and all that it imports, as they are since the last call of {@link loadWith}. */
export const importFresh = async (path: string): Promise<void> => {
  await import(pathToFileURL(join(ROOT, path)).href);
};

/** The path from the project's root of a module that was loaded since the last call of {@link loadWith}, if it is one. */
export const projectPath = (url: string): string | undefined =>
  url.startsWith(ROOT_URL) && url.endsWith(`?mutant=${generation}`)
    ? decodeURI(url.slice(ROOT_URL.length, url.lastIndexOf('?')))
    : undefined;

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === '@jest/globals') return { url: JEST_URL, shortCircuit: true };
    const resolved = next(specifier, context);
    return isReloaded(resolved.url) ? { ...resolved, url: `${resolved.url}?mutant=${generation}` } : resolved;
  },
  load: (url, context, next) => {
    if (mutant === undefined || projectPath(url) !== mutant.file) return next(url, context);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    return { format: 'module-typescript', source: mutated(text, mutant), shortCircuit: true };
  },
});
