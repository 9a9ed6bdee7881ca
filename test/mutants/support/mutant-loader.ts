import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mutated, type Mutation } from './mutations.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ROOT_URL = pathToFileURL(`${ROOT}/`).href;
const OWN_URL = pathToFileURL(`${join(ROOT, 'test/mutants')}/`).href;
const JEST_URL = pathToFileURL(join(import.meta.dirname, 'jest-globals.ts')).href;

let generation = 0;
let mutant: Mutation | undefined;
let reloaded: ReadonlySet<string> | undefined;

const isReloaded = (url: string): boolean =>
  url.startsWith(ROOT_URL) &&
  !url.startsWith(OWN_URL) &&
  !url.includes('/node_modules/') &&
  reloaded?.has(decodeURI(url.slice(ROOT_URL.length))) !== false;

/**
 * From now on modules of the project are loaded anew, with this mutation in memory and nothing on the disk touched.
 *
 * @param only The modules that can tell the difference, by path; the others stay as they are. All where it is left out.
 */
export const loadWith = (next: Mutation | undefined, only?: readonly string[]): void => {
  generation += 1;
  mutant = next;
  reloaded = only === undefined ? undefined : new Set(only);
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

/** Sources without their types, by path: most are loaded again and again. */
const stripped = new Map<string, string>();

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === '@jest/globals') return { url: JEST_URL, shortCircuit: true };
    const resolved = next(specifier, context);
    return isReloaded(resolved.url) ? { ...resolved, url: `${resolved.url}?mutant=${generation}` } : resolved;
  },
  load: (url, context, next) => {
    const path = projectPath(url);
    if (path?.endsWith('.ts') !== true) return next(url, context);
    const read = (): string => readFileSync(fileURLToPath(url), 'utf8');
    if (mutant?.file === path)
      return { format: 'module-typescript', source: mutated(read(), mutant), shortCircuit: true };
    const source = stripped.get(path) ?? stripTypeScriptTypes(read());
    stripped.set(path, source);
    return { format: 'module', source, shortCircuit: true };
  },
});
