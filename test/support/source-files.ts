import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A source file of this project. */
export interface SourceFile {
  /** From the project's root, with `/` between folders. */
  readonly path: string;
  readonly absolutePath: string;
  readonly text: string;
}

/** Every TypeScript file under the given folders of the project, in the order of their paths. */
export const sourceFiles = (...folders: readonly string[]): readonly SourceFile[] =>
  folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT }))
    .map((path) => ({ path: path.replaceAll('\\', '/'), absolutePath: join(ROOT, path) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => ({ ...file, text: readFileSync(file.absolutePath, 'utf8') }));
